import type { EventStore, RecordedEvent } from '../event-store.js';
import { EVERY_STREAM } from './hub-listener.js';

const PAGE = 500;

/** What a listener reads itself before it continues with the hub. */
export interface FeedSource {
  /** What it receives from the hub: one stream, or all of them. */
  readonly topic: string;
  /** Id of an event in this feed. Ids increase from one event to the next. */
  idOf(event: RecordedEvent): bigint;
  /** Whether an event belongs to this feed. */
  isWanted(event: RecordedEvent): boolean;
  /** Whether events are missing between two ids. */
  isGap(last: bigint, next: bigint): boolean;
  /** The id of a feed that has received everything up to this position of its hub. */
  idle(last: bigint, position: string | undefined): bigint;
  /** The next events after an id, the id that they reach, and whether the end was reached. */
  read(after: bigint): Promise<SourcePage>;
}

export interface SourcePage {
  readonly events: readonly RecordedEvent[];
  readonly last: bigint;
  readonly isEnd: boolean;
}

/** The events of one entity. Ids are revisions. */
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

/** The events of all streams with a prefix. Ids are commit positions. */
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
