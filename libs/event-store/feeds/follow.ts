import type { RecordedEvent } from '../event-store.js';
import { StoreUnavailableError } from '../event-store.errors.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { EventHub } from './event-hub.js';
import type { FeedSource } from './feed-source.js';
import type { HubListener } from './hub-listener.js';

/**
 * Next part of a feed: events in order, or none, and the id up to which everything was delivered.
 */
export interface FeedBatch {
  readonly events: readonly RecordedEvent[];
  readonly at: bigint;
}

const BATCH = 100;
/**
 * A quiet feed reports its position this often, so that a client that reconnects need not skip the
 * quiet time again.
 */
const IDLE_MILLISECONDS = 15_000;
const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 5_000;

/**
 * Every event of a feed after an id, once and in order: first from the store, then from the hub. A
 * listener joins the hub before it reads, so the hub's events begin no later than the read ends. A
 * listener too slow for the hub reads the store again. While the store is unavailable, it waits. A
 * batch arrives at least every 15 s, even if it is empty. Ends only when the signal aborts.
 */
export async function* follow(
  hub: EventHub,
  source: FeedSource,
  after: bigint,
  signal: AbortSignal,
): AsyncGenerator<FeedBatch> {
  let last = after;
  while (!signal.aborted) {
    const listener = hub.join(source.topic);
    for await (const batch of catchUp(source, last, signal)) {
      last = batch.at;
      yield batch;
    }
    for await (const batch of live(hub, listener, source, last, signal)) {
      last = batch.at;
      yield batch;
    }
  }
}

/** What the store holds after an id, up to its end. */
async function* catchUp(source: FeedSource, after: bigint, signal: AbortSignal): AsyncGenerator<FeedBatch> {
  const pause = new GrowingPause(FIRST_PAUSE_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS);
  let last = after;
  while (!signal.aborted) {
    const page = await source.read(last).catch(ignoreAway);
    if (page) {
      pause.reset();
      last = page.last;
      yield { events: page.events, at: last };
      if (page.isEnd) return;
    } else {
      await pause.wait(signal);
      yield { events: [], at: last };
    }
  }
}

/** What the hub delivers, until the listener has missed something. */
async function* live(
  hub: EventHub,
  listener: HubListener,
  source: FeedSource,
  after: bigint,
  signal: AbortSignal,
): AsyncGenerator<FeedBatch> {
  let last = after;
  while (!signal.aborted) {
    const heard = listener.take(BATCH);
    if (!heard) return;
    const events = heard.filter((event) => source.isWanted(event) && source.idOf(event) > last);
    const [next] = events;
    if (next && source.isGap(last, source.idOf(next))) return;
    last = events.reduce((_, event) => source.idOf(event), last);
    if (events.length > 0) yield { events, at: last };
    if (heard.length > 0 || (await listener.wait(signal, IDLE_MILLISECONDS))) continue;
    last = source.idle(last, hub.position);
    yield { events: [], at: last };
  }
}

function ignoreAway(error: unknown): undefined {
  if (!(error instanceof StoreUnavailableError)) throw error;
}
