import { emptyFold, foldEvent } from '#libs/entity-activities/fold-stream.js';
import { readSnapshot, startOf } from '#libs/entity-activities/snapshots.js';
import type { Fold } from '#libs/entity-workflow/entity-messages.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { StoreUnavailableError } from '#libs/event-store/event-store.errors.js';
import type { Logger } from '#libs/observability/logger.js';
import { eachOf } from './each-of.js';
import { FoldCache, type HeldFolds } from './fold-cache.js';
import type { OutgoingMessage } from './kafka.js';
import type { RelayedEntity } from './relayed-entity.js';
import { toStateRecord } from './state-record.codec.js';

/** Of heap, for each category. */
const MAX_FOLD_BYTES = 32 * 1024 * 1024;
/** A longer stream is worth the two reads that a snapshot takes. */
const SHORT_STREAM_EVENTS = 100;
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
 * entities that were busy last are held in memory. The others are folded again from their latest snapshot and their stream.
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
    const byStream = new Map<string, RecordedEvent[]>();
    for (const event of events) {
      const own = byStream.get(event.stream) ?? [];
      own.push(event);
      // The order of the map becomes that of the last events.
      byStream.delete(event.stream);
      byStream.set(event.stream, own);
    }
    const records = new Map<string, OutgoingMessage>();
    // One entity after the other: the folds of a whole batch might not fit into memory.
    await eachOf([...byStream], CONCURRENT_READS, async ([stream, own]) => {
      const record = await this.afterOwn(own);
      if (record) records.set(stream, record);
    });
    return [...byStream.keys()].flatMap((stream) => records.get(stream) ?? []);
  }

  held(): HeldFolds {
    return this.cache.held();
  }

  private async afterOwn(events: readonly RecordedEvent[]): Promise<OutgoingMessage | undefined> {
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last || this.broken.has(first.stream)) return undefined;
    const before = await this.before(first);
    return before && this.attempt(last, () => this.record(last, this.foldAll(before, events)));
  }

  /** The fold of an entity as it was before an event. */
  private async before(event: RecordedEvent): Promise<Fold | undefined> {
    const { stream, revision } = event;
    const held = revision === 0 ? emptyFold(this.entity.decider) : this.cache.get(stream);
    return held?.revision === revision - 1 ? held : this.load(event);
  }

  private foldAll(before: Fold, events: readonly RecordedEvent[]): Fold {
    return events.reduce((fold, event) => foldEvent(this.entity.decider, fold, event), before);
  }

  private async load(event: RecordedEvent): Promise<Fold | undefined> {
    const before = event.revision - 1;
    try {
      const fold = await this.foldUpTo(event.stream, before);
      if (fold.revision === before) return fold;
      throw new StreamTruncatedError(`the first events of ${event.stream} are gone`);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      this.leaveOut(event, error);
      return undefined;
    }
  }

  /** The fold of a stream at a revision; at an earlier one when the stream does not hold what is before it. */
  private async foldUpTo(stream: string, revision: number): Promise<Fold> {
    const { decider } = this.entity;
    const snapshot = revision < SHORT_STREAM_EVENTS ? undefined : await readSnapshot(this.store, stream);
    let fold = startOf(decider, snapshot);
    if (fold.revision > revision) fold = emptyFold(decider);
    if (fold.revision === revision) return fold;
    const range = { from: fold.revision + 1, limit: revision - fold.revision };
    for await (const event of this.store.read(stream, range)) {
      if (event.revision !== fold.revision + 1) break;
      fold = foldEvent(decider, fold, event);
    }
    return fold;
  }

  private record(event: RecordedEvent, fold: Fold): OutgoingMessage {
    const record = toStateRecord(this.entity, event, fold);
    const bytes = Buffer.byteLength(record.value);
    if (bytes > LARGEST_STATE_BYTES) throw new StateTooLargeError(`${bytes} bytes of state`);
    this.cache.set(event.stream, fold);
    return record;
  }

  /** A rule that fails on an event of its own must not hold up the events of all. */
  private attempt<T>(event: RecordedEvent, work: () => T): T | undefined {
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
