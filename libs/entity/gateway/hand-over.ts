import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Settled } from '#libs/entity/protocol/entity-messages.js';
import {
  EngineUnavailableError,
  EntityBusyError,
  OutcomeUnknownError,
  type Receipt,
} from './entity-gateway.js';

const POLL_MILLISECONDS = 200;

/** Commands on their way to an entity by update. */
export interface UpdateUnderWay {
  /** Their outcomes, in order. */
  readonly settled: Promise<readonly Settled[]>;
  /** Takes them back while they still wait in this process; false once they have left it. */
  withdraw(): boolean;
  /** Whether the entity has accepted the update: Temporal has stored the commands then. */
  isAccepted(): boolean;
}

/** The ways to hand over some commands. */
export interface Ways {
  readonly commandIds: readonly string[];
  readonly update: UpdateUnderWay;
  /** The same commands by signal, which stores them at once. */
  signal(): Promise<void>;
  receiptOf(commandId: string): Promise<Receipt | undefined>;
}

/**
 * Waits for the outcomes of commands that were sent by update. When the wait ends first they are made durable by signal, unless
 * they are already, and their receipts are `pending`.
 *
 * Throws `EntityBusyError` only if none of them can be carried out any more: what still waits in this process is withdrawn
 * first. If they have left it without an answer, throws `OutcomeUnknownError` instead. Throws `EngineUnavailableError` when
 * Temporal does not answer.
 */
export async function handOver(
  { commandIds, update, signal, receiptOf }: Ways,
  waitMilliseconds: number,
  closing?: AbortSignal,
): Promise<readonly Receipt[]> {
  const patience = new Patience(waitMilliseconds, closing);
  const { settled, isDurable } = await outcomesOf(update, patience);
  if (settled) return settled;
  const isWithdrawn = update.withdraw();
  if (!isDurable) {
    await signal().catch((error: unknown) => {
      if (!(error instanceof EntityBusyError) || isWithdrawn) throw error;
      throw new OutcomeUnknownError(commandIds, { cause: error });
    });
  }
  // They are decided in order: as long as one is on its way, so are those after it.
  const receipts: Receipt[] = [];
  for (const commandId of commandIds) receipts.push(await awaitReceipt(commandId, receiptOf, patience));
  return receipts;
}

async function outcomesOf(
  update: UpdateUnderWay,
  patience: Patience,
): Promise<{ settled?: readonly Settled[]; isDurable: boolean }> {
  try {
    const settled = await patience.waitFor(update.settled);
    return { ...(settled && { settled }), isDurable: update.isAccepted() };
  } catch (error) {
    if (error instanceof EntityBusyError) throw error;
    // The run has ended under the update: it may never have seen the commands.
    const isDurable = update.isAccepted() && !(error instanceof WorkflowUpdateFailedError);
    if (error instanceof EngineUnavailableError && !isDurable) throw error;
    return { isDurable };
  }
}

async function awaitReceipt(
  commandId: string,
  receiptOf: Ways['receiptOf'],
  patience: Patience,
): Promise<Receipt> {
  const pending: Receipt = { status: 'pending', commandId };
  while (!patience.isOver) {
    const receipt = await patience.waitFor(receiptOf(commandId).catch(() => pending));
    if (receipt && receipt.status !== 'pending') return receipt;
    await patience.waitFor(pause(POLL_MILLISECONDS));
  }
  return pending;
}

/** How long someone waits: a time, and no longer than their server is open. */
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

  /** What comes in time; undefined otherwise. */
  async waitFor<T>(answer: Promise<T>): Promise<T | undefined> {
    const { closing } = this;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    closing?.addEventListener('abort', end);
    if (closing?.aborted) end();
    const left = Math.max(0, this.deadline - Date.now());
    const over = pause(left, undefined, { signal: ended.signal }).catch(() => undefined);
    try {
      return await Promise.race([answer, over]);
    } finally {
      closing?.removeEventListener('abort', end);
      end();
    }
  }
}
