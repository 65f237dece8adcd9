import {
  type AllStreamSubscription,
  type EventStoreDBClient,
  type Position,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import type { SubscribeOptions, SubscriptionMessage } from './event-store.js';
import { toReadError } from './eventstoredb-errors.js';
import { toRecordedEvent } from './recorded-event.codec.js';

const CHECKPOINT_INTERVAL_WINDOWS = 10;

interface WaitingCheckpoint {
  readonly position: string;
  readonly delivered: () => void;
}

/**
 * A filtered `$all` subscription as an async iterator, so that a slow consumer slows down the
 * server instead of filling memory. Ends quietly when the signal aborts, otherwise by throwing.
 */
export async function* subscribeFiltered(
  client: EventStoreDBClient,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionMessage> {
  if (options.signal.aborted) return;
  const source = new SubscriptionSource(client, options);
  try {
    for (;;) {
      const message = await source.next();
      if (!message) return;
      yield message;
    }
  } finally {
    await source.close();
  }
}

class SubscriptionSource {
  private readonly subscription: AllStreamSubscription;
  private checkpoint: WaitingCheckpoint | undefined;
  private isCaughtUp = false;
  private isOver = false;
  private failure: Error | undefined;
  private wake = (): void => undefined;
  private readonly onAbort = (): void => this.end();

  constructor(
    client: EventStoreDBClient,
    private readonly options: SubscribeOptions,
  ) {
    this.subscription = this.open(client);
    this.subscription.on('readable', () => this.wake());
    this.subscription.on('caughtUp', () => {
      this.isCaughtUp = true;
      this.wake();
    });
    this.subscription.on('error', (error) => this.end(toReadError(error)));
    this.subscription.on('end', () =>
      this.end(toReadError(new Error('the event store ended the subscription'))),
    );
    options.signal.addEventListener('abort', this.onAbort, { once: true });
  }

  /** The next message, or undefined after an abort. Throws if the subscription failed. */
  async next(): Promise<SubscriptionMessage | undefined> {
    while (!this.isOver) {
      const message = this.take();
      if (message) return message;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    if (this.failure) throw this.failure;
    return undefined;
  }

  async close(): Promise<void> {
    this.options.signal.removeEventListener('abort', this.onAbort);
    this.checkpoint?.delivered();
    await this.subscription.unsubscribe().catch(() => undefined);
    this.subscription.destroy();
  }

  private take(): SubscriptionMessage | undefined {
    const resolved = this.subscription.read() as { event?: Parameters<typeof toRecordedEvent>[0] } | null;
    if (resolved) return resolved.event && { kind: 'event', event: toRecordedEvent(resolved.event) };
    if (this.checkpoint) {
      const { position, delivered } = this.checkpoint;
      this.checkpoint = undefined;
      delivered();
      return { kind: 'checkpoint', position };
    }
    if (!this.isCaughtUp) return undefined;
    this.isCaughtUp = false;
    return { kind: 'caught-up' };
  }

  private end(failure?: Error): void {
    this.isOver = true;
    this.failure ??= failure;
    this.wake();
  }

  private open(client: EventStoreDBClient): AllStreamSubscription {
    const { after, streamPrefixes } = this.options;
    return client.subscribeToAll({
      fromPosition: after === undefined ? START : toPosition(after),
      filter: streamNameFilter({
        prefixes: [...streamPrefixes],
        checkpointInterval: CHECKPOINT_INTERVAL_WINDOWS,
        // The client holds back what follows a checkpoint until this resolves, so checkpoints stay
        // in order with events.
        checkpointReached: (_, position) =>
          new Promise<void>((delivered) => {
            this.checkpoint = { position: String(position.commit), delivered };
            this.wake();
          }),
      }),
    });
  }
}

/**
 * Commit and prepare positions are equal for every event written since the store dropped
 * transactions.
 */
export function toPosition(commit: string): Position {
  return { commit: BigInt(commit), prepare: BigInt(commit) };
}
