import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { hashOf, PAGE_EVENTS, SearchedPage } from './searched-page.js';

/** The keys by which an event can be found. */
export type KeysOf = (event: RecordedEvent) => readonly string[];

/** A gapless range of a stream whose events were read, with their keys. It grows at both ends. */
export class SearchedRange {
  /** Ascending. */
  private readonly pages: SearchedPage[] = [];
  /** The lowest revision in the range; above `high` while it is empty. */
  low: number;
  size = 0;

  constructor(
    public high: number,
    private readonly keysOf: KeysOf,
  ) {
    this.low = high + 1;
  }

  /** Adds events that end right before the range. */
  addBelow(from: number, events: readonly RecordedEvent[]): void {
    const page = SearchedPage.of(from, this.keyed(events));
    this.pages.unshift(page);
    this.low = from;
    this.size += page.size;
  }

  /** Adds events that begin right after the range, up to a page of them. */
  addAbove(to: number, events: readonly RecordedEvent[]): void {
    const last = this.pages.at(-1);
    const fits = last !== undefined && to - last.from < PAGE_EVENTS;
    const page = SearchedPage.of(this.high + 1, this.keyed(events), fits ? last : undefined);
    if (fits) this.pages.pop();
    this.pages.push(page);
    this.high = to;
    this.size += page.size - (fits ? last.size : 0);
  }

  /** The revisions of events that may have one of these keys, ascending. */
  revisionsOf(keys: readonly string[]): readonly number[] {
    const hashes = [...new Set(keys.map(hashOf))];
    const found = this.pages.flatMap((page) => hashes.flatMap((hashed) => page.revisionsOf(hashed)));
    return [...new Set(found)].sort((a, b) => a - b);
  }

  private keyed(events: readonly RecordedEvent[]) {
    return events.map((event) => ({ revision: event.revision, keys: this.keysOf(event) }));
  }
}
