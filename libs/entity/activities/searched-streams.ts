import { setTimeout as pause } from 'node:timers/promises';
import { Counter } from 'prom-client';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { PAGE_EVENTS } from './searched-page.js';
import { type KeysOf, SearchedRange } from './searched-range.js';

/** Events that one attempt reads of parts that were not searched yet. */
const EVENTS_IN_AN_ATTEMPT = 5_000;
/** For all streams together, at 8 bytes each: enough for a million events with keys. */
const MAX_ENTRIES = 3_000_000;
/**
 * The pause between two pages that are read in the background, so that other readers of the store
 * come first.
 */
const PAUSE_MILLISECONDS = 20;
/** Hits no further apart than this are read together. */
const NEAR = 50;

const searchedEvents = new Counter({
  name: 'perdure_searched_events_total',
  help: 'Events that were read to look for old commands and names, because no index told of them',
  labelNames: ['category'],
});

/** What an attempt may still read of parts that were not searched yet. */
export class SearchBudget {
  events = EVENTS_IN_AN_ATTEMPT;
}

/** A part of a stream, and the keys to look for in it. */
export interface SearchRequest {
  readonly stream: string;
  readonly keys: readonly string[];
  /** The last revision that is known already. */
  readonly above: number;
  readonly upTo: number;
}

/** All events with the keys in the part that was searched, in order, and possibly others. */
export interface SearchAnswer {
  readonly events: readonly RecordedEvent[];
  /**
   * The first revision that was searched. Revisions between `above` and this one are not known yet.
   */
  readonly from: number;
}

/**
 * Finds events of long streams by their keys, and remembers which part of each stream it has read.
 * It reads the newest events first, some thousand per attempt and the rest in the background, until
 * its memory is full. It remembers hashes only, so every hit is read again.
 */
export class SearchedStreams {
  /** The most recently used stream comes last. */
  private readonly ranges = new Map<string, SearchedRange>();
  /** Streams to search further, and above which revision. */
  private readonly wanted = new Map<string, number>();
  private isReading = false;

  constructor(
    private readonly store: EventStore,
    private readonly keysOf: KeysOf,
  ) {}

  async find(request: SearchRequest, budget: SearchBudget): Promise<SearchAnswer> {
    const { stream, above, upTo, keys } = request;
    const first = above + 1;
    if (upTo <= above) return { events: [], from: first };
    if (upTo - above <= Math.min(PAGE_EVENTS, budget.events)) {
      budget.events -= upTo - above;
      return { events: await this.read(stream, first, upTo), from: first };
    }
    const range = await this.rangeUpTo(stream, upTo, budget);
    while (range.low > first && budget.events > 0 && this.hasRoom(range)) {
      await this.addBelow(stream, range, above, budget);
    }
    if (range.low > first) this.continueLater(stream, above);
    const from = Math.max(range.low, first);
    const revisions = range.revisionsOf(keys).filter((revision) => revision > above && revision <= upTo);
    return { events: await this.readEach(stream, revisions), from };
  }

  /**
   * The range of a stream, extended up to a revision. If that would take too long, a new range
   * starts there.
   */
  private async rangeUpTo(stream: string, upTo: number, budget: SearchBudget): Promise<SearchedRange> {
    const known = this.ranges.get(stream);
    const isNear = known && upTo - known.high <= EVENTS_IN_AN_ATTEMPT;
    const range = isNear ? known : new SearchedRange(upTo, this.keysOf);
    this.ranges.delete(stream);
    this.ranges.set(stream, range);
    while (range.high < upTo) {
      const { high } = range;
      const to = Math.min(upTo, high + PAGE_EVENTS);
      budget.events = Math.max(0, budget.events - (to - high));
      const events = await this.read(stream, high + 1, to);
      // Another attempt may have done it in the meantime.
      if (range.high === high) range.addAbove(to, events);
    }
    return range;
  }

  private async addBelow(stream: string, range: SearchedRange, above: number, budget?: SearchBudget) {
    const { low } = range;
    const from = Math.max(above + 1, low - Math.min(PAGE_EVENTS, budget?.events ?? PAGE_EVENTS));
    if (budget) budget.events -= low - from;
    const events = await this.read(stream, from, low - 1);
    if (range.low === low) range.addBelow(from, events);
  }

  /** Forgets the least recently used streams. False if there is still no room. */
  private hasRoom(range: SearchedRange): boolean {
    let size = [...this.ranges.values()].reduce((sum, each) => sum + each.size, 0);
    for (const [stream, each] of this.ranges) {
      if (size < MAX_ENTRIES || each === range) break;
      this.ranges.delete(stream);
      size -= each.size;
    }
    return size < MAX_ENTRIES;
  }

  private continueLater(stream: string, above: number): void {
    this.wanted.set(stream, above);
    if (!this.isReading) void this.readOn();
  }

  private async readOn(): Promise<void> {
    this.isReading = true;
    try {
      for (;;) {
        const [next] = this.wanted;
        if (!next) return;
        const [stream, above] = next;
        const range = this.ranges.get(stream);
        // The streams take turns until there is nothing more to read.
        this.wanted.delete(stream);
        if (!range || range.low <= above + 1 || !this.hasRoom(range)) continue;
        await pause(PAUSE_MILLISECONDS, undefined, { ref: false });
        await this.addBelow(stream, range, above);
        if (!this.wanted.has(stream)) this.wanted.set(stream, above);
      }
    } catch {
      // The store is unavailable, or newer code has written to it. The next attempt starts again,
      // and gets the error.
      this.wanted.clear();
    } finally {
      this.isReading = false;
    }
  }

  /** Reads neighbouring revisions together. */
  private async readEach(stream: string, revisions: readonly number[]): Promise<readonly RecordedEvent[]> {
    const spans: { from: number; to: number }[] = [];
    for (const revision of revisions) {
      const last = spans.at(-1);
      if (last && revision - last.to <= NEAR) last.to = revision;
      else spans.push({ from: revision, to: revision });
    }
    const events: RecordedEvent[] = [];
    for (const { from, to } of spans) events.push(...(await this.read(stream, from, to)));
    return events;
  }

  private async read(stream: string, from: number, to: number): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of this.store.read(stream, { from, limit: to - from + 1 })) events.push(event);
    searchedEvents.inc({ category: parseStreamName(stream)?.category ?? stream }, events.length);
    return events;
  }
}
