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
 * A filtered `$all` subscription as an async iterator, so that a slow consumer slows the server instead of filling
 * memory. The client holds back what follows a checkpoint until its callback resolves: that keeps checkpoints in order
 * with the events around them.
 */
export async function* subscribeFiltered(
  client: EventStoreDBClient,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionMessage> {
  if (options.signal.aborted) return;
  const state = { ended: false, error: undefined as unknown, caughtUp: false };
  let checkpoint: WaitingCheckpoint | undefined;
  let wake = (): void => undefined;

  const subscription = open(client, options, (position, delivered) => {
    checkpoint = { position, delivered };
    wake();
  });
  const end = (error?: unknown): void => {
    state.ended = true;
    state.error ??= error;
    wake();
  };
  subscription.on('readable', () => wake());
  subscription.on('caughtUp', () => {
    state.caughtUp = true;
    wake();
  });
  subscription.on('error', (error) => end(toReadError(error)));
  subscription.on('end', () => end(toReadError(new Error('the store ended the subscription'))));
  const onAbort = (): void => end();
  options.signal.addEventListener('abort', onAbort, { once: true });

  try {
    while (!state.ended) {
      const resolved = subscription.read() as { event?: Parameters<typeof toRecordedEvent>[0] } | null;
      if (resolved) {
        if (resolved.event) yield { kind: 'event', event: toRecordedEvent(resolved.event) };
      } else if (checkpoint) {
        yield { kind: 'checkpoint', position: checkpoint.position };
        checkpoint.delivered();
        checkpoint = undefined;
      } else if (state.caughtUp) {
        state.caughtUp = false;
        yield { kind: 'caught-up' };
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    if (state.error) throw state.error;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    checkpoint?.delivered();
    // After this the stream may still report that it was cancelled.
    subscription.on('error', () => undefined);
    await subscription.unsubscribe().catch(() => undefined);
    subscription.destroy();
  }
}

function open(
  client: EventStoreDBClient,
  { streamPrefix, after }: SubscribeOptions,
  onCheckpoint: (position: string, delivered: () => void) => void,
): AllStreamSubscription {
  return client.subscribeToAll({
    fromPosition: after === undefined ? START : toPosition(after),
    filter: streamNameFilter({
      prefixes: [streamPrefix],
      checkpointInterval: CHECKPOINT_INTERVAL_WINDOWS,
      checkpointReached: (_, position) =>
        new Promise<void>((resolve) => onCheckpoint(String(position.commit), resolve)),
    }),
  });
}

// Commit and prepare are equal for every event that the store has written since transactions went away.
function toPosition(commit: string): Position {
  return { commit: BigInt(commit), prepare: BigInt(commit) };
}
