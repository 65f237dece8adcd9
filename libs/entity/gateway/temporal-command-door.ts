import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Settled } from '#libs/entity/protocol/entity-messages.js';
import {
  type CommandDoor,
  EngineUnavailableError,
  EntityBusyError,
  type EntityGateway,
  OutcomeUnknownError,
  type Receipt,
} from './entity-gateway.js';
import { GroupCommit, type Submission } from './group-commit.js';
import { MESSAGE_LIMITS, type TemporalEntityMessages } from './temporal-entity-messages.js';

const LIMITS = { ...MESSAGE_LIMITS, waiting: 2_000 };
const POLL_MILLISECONDS = 200;

/** Sends commands to the entities' workflows, using group commit. */
export class TemporalCommandDoor implements CommandDoor {
  private readonly signals: GroupCommit<CommandEnvelope, never>;
  private readonly updates: GroupCommit<CommandEnvelope, Settled>;

  constructor(
    messages: Pick<TemporalEntityMessages, 'signal' | 'update'>,
    private readonly receiptOf: EntityGateway['receipt'],
  ) {
    this.signals = new GroupCommit(async (stream, envelopes) => {
      await messages.signal(stream, envelopes);
      return [];
    }, LIMITS);
    this.updates = new GroupCommit((...args) => messages.update(...args), LIMITS);
  }

  /** Sends a signal, which Temporal stores at once. */
  async send(stream: string, envelopes: readonly CommandEnvelope[]): Promise<void> {
    await this.signals.submit(stream, envelopes).results;
  }

  /**
   * Sends an update. It answers sooner than a signal, but may be lost until the entity accepts it.
   * If the wait ends before that, a signal makes the commands durable.
   */
  async execute(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    waitMilliseconds: number,
    closing?: AbortSignal,
  ): Promise<readonly Receipt[]> {
    const update = this.updates.submit(stream, envelopes);
    const patience = new Patience(waitMilliseconds, closing);
    const { settled, isDurable } = await outcomesOf(update, patience);
    if (settled) return settled;
    const commandIds = envelopes.map(({ commandId }) => commandId);
    const isWithdrawn = update.withdraw();
    if (!isDurable) {
      await this.send(stream, envelopes).catch((error: unknown) => {
        // Commands that have left this process may still be executed.
        if (!(error instanceof EntityBusyError) || isWithdrawn) throw error;
        throw new OutcomeUnknownError(commandIds, { cause: error });
      });
    }
    // Commands are decided in order: while one is pending, so are the ones after it.
    const receipts: Receipt[] = [];
    for (const commandId of commandIds) receipts.push(await this.awaitReceipt(stream, commandId, patience));
    return receipts;
  }

  private async awaitReceipt(stream: string, commandId: string, patience: Patience): Promise<Receipt> {
    const pending: Receipt = { status: 'pending', commandId };
    while (!patience.isOver) {
      const asked = this.receiptOf(stream, commandId).catch(() => pending);
      const receipt = await patience.waitFor(asked);
      if (receipt && receipt.status !== 'pending') return receipt;
      await patience.waitFor(pause(POLL_MILLISECONDS));
    }
    return pending;
  }
}

/** The outcomes, if they arrive in time, and whether Temporal has stored the commands. */
async function outcomesOf(
  update: Submission<Settled>,
  patience: Patience,
): Promise<{ settled?: readonly Settled[]; isDurable: boolean }> {
  try {
    const settled = await patience.waitFor(update.results);
    return { ...(settled && { settled }), isDurable: update.isAccepted() };
  } catch (error) {
    if (error instanceof EntityBusyError) throw error;
    // The run ended during the update and may never have seen the commands.
    const isDurable = update.isAccepted() && !(error instanceof WorkflowUpdateFailedError);
    if (error instanceof EngineUnavailableError && !isDurable) throw error;
    return { isDurable };
  }
}

/** Limits how long a sender waits: until its time is up or its server closes. */
class Patience {
  private readonly deadline: number;

  constructor(
    milliseconds: number,
    private readonly closing?: AbortSignal,
  ) {
    this.deadline = Date.now() + milliseconds;
  }

  get isOver(): boolean {
    return this.closing?.aborted === true || Date.now() >= this.deadline;
  }

  /** The answer if it arrives in time, otherwise undefined. */
  async waitFor<T>(answer: Promise<T>): Promise<T | undefined> {
    const { closing } = this;
    let end!: () => void;
    const over = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    // Unlike an abort signal, these cost nothing when the answer comes in time.
    const timer = setTimeout(end, Math.max(0, this.deadline - Date.now()));
    closing?.addEventListener('abort', end);
    if (closing?.aborted) end();
    try {
      return await Promise.race([answer, over]);
    } finally {
      closing?.removeEventListener('abort', end);
      clearTimeout(timer);
    }
  }
}
