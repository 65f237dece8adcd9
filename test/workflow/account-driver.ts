import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { defaultPayloadConverter } from '@temporalio/common';
import type { AccountEvent } from '#contracts/account/account.contract.js';
import { streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import { emptyFold, foldOnwards } from '#libs/entity/activities/fold-stream.js';
import { EngineUnavailableError } from '#libs/entity/gateway/entity-gateway.js';
import { TemporalEntityMessages } from '#libs/entity/gateway/temporal-entity-messages.js';
import {
  type EntityInput,
  type Fold,
  RECEIPT_QUERY,
  type RecentReceipt,
  type Settled,
  STATE_QUERY,
} from '#libs/entity/protocol/entity-messages.js';
import { envelopeOf, type TestCommand } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import type { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { eventually } from '../support/account-rest.js';

const POLLING_MILLISECONDS = 20;

type Options = Parameters<typeof envelopeOf>[2];

/** One account on the time-skipping server, driven message by message. */
export class AccountDriver {
  readonly id = randomUUID();
  readonly stream = streamName('account', this.id);
  private readonly messages: TemporalEntityMessages;

  constructor(private readonly server: TimeSkippingServer) {
    this.messages = new TemporalEntityMessages(server.client);
  }

  /** An account with a history as of now, which it finds in its stream. */
  static async with(server: TimeSkippingServer, ...events: readonly AccountEvent[]): Promise<AccountDriver> {
    const account = new AccountDriver(server);
    await server.store.append(account.stream, -1, historyOf(account.stream, events, await server.moment()));
    return account;
  }

  /** Starts the workflow with a special input. Messages would start it with the usual one. */
  async start(input: Omit<EntityInput, 'stream'>): Promise<void> {
    const { name } = accountDecider;
    const args: [EntityInput] = [{ stream: this.stream, ...input }];
    await this.server.client.workflow.start(name, { workflowId: this.stream, taskQueue: name, args });
  }

  /** The same name is the same command. */
  command(name: string, command: TestCommand, options?: Options): CommandEnvelope {
    return envelopeOf(command, `${this.stream} ${name}`, options);
  }

  /** A deposit whose reference is its name. */
  deposit(name: string, options?: Options & { readonly amount?: number; readonly at?: string }) {
    const { amount = 1, at } = options ?? {};
    const data = { amount, reference: name };
    return this.command(name, { type: 'Deposit', data, ...(at !== undefined && { at }) }, options);
  }

  /** Holds 60, as of now, until `expiresAt`. */
  async holdUntil(holdId: string, expiresAt: string): Promise<CommandEnvelope> {
    const at = await this.server.moment();
    return this.command(holdId, { type: 'PlaceHold', data: { holdId, amount: 60, expiresAt }, at });
  }

  signal(...envelopes: readonly CommandEnvelope[]): Promise<void> {
    return this.messages.signal(this.stream, envelopes);
  }

  update(...envelopes: readonly CommandEnvelope[]): Promise<readonly Settled[]> {
    return this.messages.update(this.stream, envelopes);
  }

  /**
   * Updates like a careful client: what a run could not answer is sent again, for up to a minute.
   */
  async insist(...envelopes: readonly CommandEnvelope[]): Promise<readonly Settled[]> {
    const settled = await until(
      () => this.update(...envelopes).catch((error: unknown) => inspect(error)),
      (answer) => typeof answer !== 'string' && !answer.some(isOutcomeUnknown),
    );
    return settled as readonly Settled[];
  }

  /** What the entity itself knows of a command, or undefined if no run of it is open. */
  async receipt({ commandId }: CommandEnvelope): Promise<RecentReceipt | undefined> {
    return this.ask<RecentReceipt>(RECEIPT_QUERY, commandId);
  }

  async state(): Promise<Fold | null | undefined> {
    return this.ask<Fold | null>(STATE_QUERY);
  }

  /** Retries until there is an answer in time. */
  private async ask<Answer>(name: string, ...args: unknown[]): Promise<Answer | undefined> {
    const asked = await until(
      () =>
        this.messages
          .query<Answer>(this.stream, name, ...args)
          .then((answer) => ({ answer }), ignoreUnavailable),
      Boolean,
    );
    return asked?.answer;
  }

  /** Returns when the entity has received the command, but not settled it. */
  async untilPending(envelope: CommandEnvelope): Promise<void> {
    await until(
      () => this.receipt(envelope),
      (receipt) => receipt?.status === 'pending',
    );
  }

  async untilSettled(envelope: CommandEnvelope): Promise<RecentReceipt | undefined> {
    return until(
      () => this.receipt(envelope),
      (receipt) => receipt !== undefined && !['pending', 'unknown'].includes(receipt.status),
    );
  }

  get events() {
    return this.server.store.eventsOf(this.stream);
  }

  /** The events of the stream, as the rules know them. */
  get written() {
    return this.events.map(({ type, data }) => ({ type, data }));
  }

  /** The references of all deposits in the stream, in order. */
  get deposits(): readonly unknown[] {
    return this.events.flatMap(({ data }) => data['reference'] ?? []);
  }

  /** The account folded from the stream. */
  async folded(): Promise<Fold> {
    return foldOnwards(accountDecider, this.server.store, this.stream, emptyFold(accountDecider));
  }

  /** The open run. */
  async runId(): Promise<string> {
    return (await this.server.client.workflow.getHandle(this.stream).describe()).runId;
  }

  /** The history length of the open run. */
  async historyLength(): Promise<number> {
    return (await this.server.client.workflow.getHandle(this.stream).describe()).historyLength;
  }

  /** Returns when the entity has been passivated: the run that ended. */
  async untilAtRest(): Promise<string> {
    const { runId } = await until(
      () => this.server.client.workflow.getHandle(this.stream).describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    return runId;
  }

  /** The inputs of all runs so far, oldest first. */
  async runs(): Promise<readonly EntityInput[]> {
    const inputs: EntityInput[] = [];
    let runId: string | undefined;
    do {
      const { events } = await this.server.client.workflow.getHandle(this.stream, runId).fetchHistory();
      const started = events?.[0]?.workflowExecutionStartedEventAttributes;
      const [input] = started?.input?.payloads ?? [];
      if (input) inputs.unshift(defaultPayloadConverter.fromPayload<EntityInput>(input));
      runId = started?.continuedExecutionRunId ?? '';
    } while (runId !== '');
    return inputs;
  }

  async untilRuns(count: number): Promise<void> {
    await until(
      () => this.runs(),
      ({ length }) => length >= count,
    );
  }
}

function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof EngineUnavailableError)) throw error;
}

/** Polls often, since the wait is only some milliseconds. */
export function until<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean): Promise<T> {
  return eventually(ask, isDone, undefined, POLLING_MILLISECONDS);
}
