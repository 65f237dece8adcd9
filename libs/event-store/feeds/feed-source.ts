import type { EventStore, RecordedEvent } from '../event-store.js';
import { EVERY_STREAM } from './hub-listener.js';

const PAGE = 500;

/** What a listener reads by itself before it goes on with what the hub tells. */
export interface FeedSource {
  /** What it hears of the hub: a stream, or all of them. */
  readonly topic: string;
  /** Where an event stands in this feed; rises from one to the next. */
  idOf(event: RecordedEvent): bigint;
  /** Whether an event is of this feed. */
  isWanted(event: RecordedEvent): boolean;
  /** Whether events are missing between two ids. */
  isGap(last: bigint, next: bigint): boolean;
  /** How far a feed is that has heard all there was from a hub at this position. */
  idle(last: bigint, position: string | undefined): bigint;
  /** The next events after an id, up to which id they go, and whether that was all. */
  read(after: bigint): Promise<SourcePage>;
}

export interface SourcePage {
  readonly events: readonly RecordedEvent[];
  readonly last: bigint;
  readonly isEnd: boolean;
}

/** The events of one entity; ids are revisions. */
export function streamSource(store: EventStore, stream: string): FeedSource {
  return {
    topic: stream,
    idOf: ({ revision }) => BigInt(revision),
    isWanted: () => true,
    isGap: (last, next) => next !== last + 1n,
    idle: (last) => last,
    async read(after) {
      const events: RecordedEvent[] = [];
      for await (const event of store.read(stream, { from: Number(after) + 1, limit: PAGE }))
        events.push(event);
      const last = BigInt(events.at(-1)?.revision ?? after);
      return { events, last, isEnd: events.length < PAGE };
    },
  };
}

/** The events of all streams with a prefix; ids are commit positions. */
export function prefixSource(store: EventStore, streamPrefix: string): FeedSource {
  return {
    topic: EVERY_STREAM,
    idOf: ({ position }) => BigInt(position),
    isWanted: ({ stream }) => stream.startsWith(streamPrefix),
    isGap: () => false,
    idle: (last, position) => (position !== undefined && BigInt(position) > last ? BigInt(position) : last),
    async read(after) {
      const from = after < 0n ? {} : { after: String(after) };
      const { events, position, isEnd } = await store.readAll({ streamPrefix, ...from, limit: PAGE });
      return { events, last: position === undefined ? after : BigInt(position), isEnd };
    },
  };
}
