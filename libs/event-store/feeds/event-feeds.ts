import type { EventStore, RecordedEvent } from '../event-store.js';
import { UnknownPositionError } from '../event-store.errors.js';
import { lastRevision } from '../stream-end.js';
import type { Logger } from '#libs/runtime/logger.js';
import { FeedPlaceError, FeedsClosedError } from './event-feed.errors.js';
import { EventHub, type HubLimits } from './event-hub.js';
import { openFeeds } from './feed-metrics.js';
import { type FeedSource, prefixSource, streamSource } from './feed-source.js';
import { type FeedBatch, follow } from './follow.js';

/** Where a feed starts: after an id of that feed, at the very start, or with the next new event. */
export type FeedStart = bigint | 'start' | 'end';

/**
 * An open feed. `batches` never ends before `close`. A listener sends back `idOf` to resume after
 * an event.
 */
export interface Feed {
  readonly batches: AsyncIterable<FeedBatch>;
  idOf(event: RecordedEvent): bigint;
  close(): void;
}

interface SharedHub {
  readonly hub: EventHub;
  readonly opened: Promise<void>;
  listeners: number;
}

/**
 * Live feeds of events from the store: catch-up, then live, each event once and in order. All feeds
 * of a category share one subscription, which lives as long as it has listeners.
 */
export class EventFeeds {
  private readonly hubs = new Map<string, SharedHub>();
  private readonly open = new Set<AbortController>();
  private isClosed = false;

  constructor(
    private readonly store: EventStore,
    private readonly logger: Logger,
    private readonly limits?: HubLimits,
  ) {}

  /**
   * The events of one stream, or undefined if there is no such stream. Throws `FeedPlaceError` for
   * a revision beyond the end of the stream, and `StoreUnavailableError`.
   */
  async ofStream(category: string, stream: string, start: FeedStart): Promise<Feed | undefined> {
    const head = BigInt(await lastRevision(this.store, stream));
    if (head < 0n) return undefined;
    const after = start === 'start' ? -1n : start === 'end' ? head : start;
    if (after > head) throw new FeedPlaceError(`the stream ends at revision ${head}`);
    return this.listen(category, streamSource(this.store, stream), () => after);
  }

  /**
   * The events of all streams of a category that start with this prefix. Throws like `ofStream`,
   * here for a position that no event has.
   */
  async ofCategory(category: string, streamPrefix: string, start: FeedStart): Promise<Feed> {
    if (typeof start === 'bigint') await this.assertPlace(start, streamPrefix);
    const source = prefixSource(this.store, streamPrefix);
    return this.listen(category, source, ({ position = -1 }) =>
      start === 'start' ? -1n : start === 'end' ? BigInt(position) : start,
    );
  }

  /** Ends all open feeds. No feed can be opened after that. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const feed of this.open) feed.abort();
    await Promise.all([...this.hubs.values()].map(({ hub }) => hub.close()));
  }

  private async listen(
    category: string,
    source: FeedSource,
    after: (hub: EventHub) => bigint,
  ): Promise<Feed> {
    if (this.isClosed) throw new FeedsClosedError('this process is shutting down');
    const closing = new AbortController();
    this.open.add(closing);
    openFeeds.inc({ category });
    const shared = this.share(category);
    closing.signal.addEventListener('abort', () => {
      this.open.delete(closing);
      openFeeds.dec({ category });
      this.leave(category, shared);
    });
    try {
      await shared.opened;
    } catch (error) {
      closing.abort();
      throw error;
    }
    const { hub } = shared;
    const batches = follow(hub, source, after(hub), closing.signal);
    return { batches, idOf: (event) => source.idOf(event), close: () => closing.abort() };
  }

  private share(category: string): SharedHub {
    const known = this.hubs.get(category);
    const hub = known?.hub ?? new EventHub(this.store, category, this.logger, this.limits);
    const shared = known ?? { hub, opened: hub.open(), listeners: 0 };
    shared.listeners += 1;
    this.hubs.set(category, shared);
    return shared;
  }

  private leave(category: string, shared: SharedHub): void {
    shared.listeners -= 1;
    if (shared.listeners > 0) return;
    if (this.hubs.get(category) === shared) this.hubs.delete(category);
    void shared.hub.close();
  }

  /**
   * Beyond its end the store would wait forever, and at a position without an event it would fail
   * on every attempt. The client would never learn of either.
   */
  private async assertPlace(place: bigint, streamPrefix: string): Promise<void> {
    if (place > BigInt((await this.store.lastPosition()) ?? -1)) {
      throw new FeedPlaceError('the event store has nothing at this position');
    }
    try {
      await this.store.readAll({ streamPrefix, after: String(place), limit: 1 });
    } catch (error) {
      if (error instanceof UnknownPositionError) throw new FeedPlaceError('no event has this position');
      throw error;
    }
  }
}
