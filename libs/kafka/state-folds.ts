import { emptyFold, foldEvent, refold } from '#libs/entity-activities/fold-stream.js';
import type { Fold } from '#libs/entity-workflow/entity-messages.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { StoreUnavailableError } from '#libs/event-store/event-store.errors.js';
import type { Logger } from '#libs/observability/logger.js';
import { eachOf } from './each-of.js';
import { FoldCache } from './fold-cache.js';
import type { OutgoingMessage } from './kafka.js';
import type { RelayedEntity } from './relayed-entity.js';
import { toStateRecord } from './state-record.codec.js';

const MAX_FOLD_BYTES = 16 * 1024 * 1024;
const CONCURRENT_READS = 16;
/** A topic takes 4 MiB at once; a state "far below" that is what entities are made for. */
const LARGEST_STATE_BYTES = 3 * 1024 * 1024;

/** A state that no record can carry. */
class StateTooLargeError extends Error {
  override readonly name = 'StateTooLargeError';
}

/** What a state would be made of is gone. */
class StreamTruncatedError extends Error {
  override readonly name = 'StreamTruncatedError';
}

/**
 * Folds the events of a category as they pass by, as they are stored: folded is what they mean today. The folds of the
 * entities that were busy last are held in memory, the others are made anew from their streams.
 */
export class StateFolds {
  private readonly cache = new FoldCache(MAX_FOLD_BYTES);
  /** Entities that cannot be folded: they are told of once, and have no state on the topic. */
  private readonly broken = new Set<string>();

  constructor(
    private readonly entity: RelayedEntity,
    private readonly store: EventStore,
    private readonly logger: Logger,
  ) {}

  /**
   * The state of each entity after the last of its events among these, in the order of those events. Left out are entities
   * whose rules fail on their own events, or do not know them yet. Throws only when the store is away.
   */
  async after(events: readonly RecordedEvent[]): Promise<readonly OutgoingMessage[]> {
    const folds = await this.before(events);
    const last = new Map<string, RecordedEvent>();
    for (const event of events) {
      last.delete(event.stream);
      last.set(event.stream, event);
      this.attempt(event, () => {
        const fold = folds.get(event.stream);
        if (fold) folds.set(event.stream, foldEvent(this.entity.decider, fold, event));
      });
    }
    return [...last.values()].flatMap((event) => this.record(event, folds.get(event.stream)) ?? []);
  }

  /** The fold of each entity as it was before the first of its events among these. */
  private async before(events: readonly RecordedEvent[]): Promise<Map<string, Fold>> {
    const first = new Map<string, RecordedEvent>();
    for (const event of events) if (!first.has(event.stream)) first.set(event.stream, event);
    const folds = new Map<string, Fold>();
    const missing: RecordedEvent[] = [];
    for (const [stream, event] of first) {
      if (this.broken.has(stream)) continue;
      const held = event.revision === 0 ? emptyFold(this.entity.decider) : this.cache.get(stream);
      if (held?.revision === event.revision - 1) folds.set(stream, held);
      else missing.push(event);
    }
    await eachOf(missing, CONCURRENT_READS, async (event) => {
      const fold = await this.load(event);
      if (fold) folds.set(event.stream, fold);
    });
    return folds;
  }

  private async load(event: RecordedEvent): Promise<Fold | undefined> {
    const before = event.revision - 1;
    try {
      const fold = await refold(this.entity.decider, this.store, event.stream, before);
      if (fold.revision === before) return fold;
      throw new StreamTruncatedError(`the first events of ${event.stream} are gone`);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      this.leaveOut(event, error);
      return undefined;
    }
  }

  private record(event: RecordedEvent, fold: Fold | undefined): OutgoingMessage | undefined {
    if (!fold || this.broken.has(event.stream)) return undefined;
    return this.attempt(event, () => {
      const record = toStateRecord(this.entity, event, fold);
      const bytes = Buffer.byteLength(record.value);
      if (bytes > LARGEST_STATE_BYTES) throw new StateTooLargeError(`${bytes} bytes of state`);
      this.cache.set(event.stream, fold, bytes);
      return record;
    });
  }

  /** A rule that fails on an event of its own must not hold up the events of all. */
  private attempt<T>(event: RecordedEvent, work: () => T): T | undefined {
    if (this.broken.has(event.stream)) return undefined;
    try {
      return work();
    } catch (error) {
      this.leaveOut(event, error);
      return undefined;
    }
  }

  private leaveOut({ stream, revision }: RecordedEvent, error: unknown): void {
    this.broken.add(stream);
    this.cache.delete(stream);
    this.logger.error(
      { stream, revision, err: error },
      'an entity cannot be folded: it is left out of the state topic',
    );
  }
}
