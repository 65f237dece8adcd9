import { hash, randomUUID } from 'node:crypto';

/** Events in one page. */
export const PAGE_EVENTS = 1_000;
/** More than any offset in a page. */
const OFFSETS = 1_024;
/** Clients choose the ids, and must not be able to choose ids with the same hash. */
const SALT = randomUUID();

/** The 32-bit hash of a key. Several keys may have the same one. */
export function hashOf(key: string): number {
  return Number.parseInt(hash('sha1', SALT + key, 'hex').slice(0, 8), 16);
}

/**
 * The keys of up to {@link PAGE_EVENTS} events of a stream, in 8 bytes each: a hash and the offset
 * of its event, in order. It finds every event with a key, and occasionally one without it.
 */
export class SearchedPage {
  private constructor(
    readonly from: number,
    private readonly entries: Float64Array,
  ) {}

  /**
   * Builds a page from the events after a revision, each with its keys, and from an earlier page
   * that ends there.
   */
  static of(
    from: number,
    events: readonly { readonly revision: number; readonly keys: readonly string[] }[],
    earlier?: SearchedPage,
  ): SearchedPage {
    const first = earlier?.from ?? from;
    const added = events.flatMap(({ revision, keys }) => {
      return keys.map((key) => hashOf(key) * OFFSETS + (revision - first));
    });
    return new SearchedPage(first, Float64Array.from([...(earlier?.entries ?? []), ...added]).sort());
  }

  get size(): number {
    return this.entries.length;
  }

  /** The revisions of events that may have a key with this hash. */
  revisionsOf(hashed: number): readonly number[] {
    const { entries, from } = this;
    const revisions: number[] = [];
    for (let at = this.firstFrom(hashed * OFFSETS); at < entries.length; at += 1) {
      const offset = (entries[at] as number) - hashed * OFFSETS;
      if (offset >= OFFSETS) break;
      revisions.push(from + offset);
    }
    return revisions;
  }

  private firstFrom(value: number): number {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
