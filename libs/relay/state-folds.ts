import { emptyFold, foldEvent } from '#libs/entity/activities/fold-stream.js';
import { readSnapshot, startOf } from '#libs/entity/activities/snapshots.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { StoreUnavailableError } from '#libs/event-store/event-store.errors.js';
import type { Logger } from '#libs/runtime/logger.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { FoldCache, type HeldFolds } from './fold-cache.js';
import type { OutgoingMessage } from '#libs/kafka/kafka.js';
import type { OwedStates } from './owed-states.js';
import type { RelayedEntity } from './relayed-entity.js';
import { toStateRecord } from './state-record.codec.js';
import { about } from '#libs/runtime/log-fields.js';

/** Of heap, for each category. */
const MAX_FOLD_BYTES = 32 * 1024 * 1024;
/** For a longer stream, it is worth the two reads that a snapshot costs. */
const SHORT_STREAM_EVENTS = 100;
const CONCURRENT_READS = 16;
/** Earlier events that a batch may wait for: about half a second. */
const MAX_EARLIER_EVENTS = 5_000;
/** Above this, the relay waits for each fold, so that the number of owed states is bounded. */
const MAX_OWED = 10_000;
/** A topic accepts 4 MiB at once. States of entities are meant to be far smaller. */
const LARGEST_STATE_BYTES = 3 * 1024 * 1024;

/** A state that fits in no record. */
class StateTooLargeError extends Error {
  override readonly name = 'StateTooLargeError';
}

/** The events needed to compute a state are gone. */
class StreamTruncatedError extends Error {
  override readonly name = 'StreamTruncatedError';
}

/** How to read a stream that may be long. */
export interface LongRead {
  /** A fold to resume from, if available. */
  readonly start?: Fold | undefined;
  /** Awaited between events. Ends the read by throwing an `AbortError`. */
  readonly breathe?: () => Promise<void>;
}

/** The fold is too expensive for those who wait. */
const TOO_LONG = 'too long';

interface Allowance {
  events: number;
}

/**
 * Folds the events of a category as they pass, as stored, with their current meaning. The folds of
 * recently busy entities are cached in memory. The others are folded again from their latest
 * snapshot and their stream.
 */
export class StateFolds {
  private readonly cache = new FoldCache(MAX_FOLD_BYTES);
  /** Entities that cannot be folded. They are logged once, and have no state on the topic. */
  private readonly broken = new Set<string>();

  constructor(
    private readonly entity: RelayedEntity,
    private readonly store: EventStore,
    private readonly logger: Logger,
  ) {}

  /**
   * The state of each entity after the last of its events in this batch, in the order of those
   * events. Leaves out entities whose rules fail on their own events or do not know them yet.
   * Entities whose state is owed, or whose fold would take too long, are left to the refill.
   * `before`: position of the last event before this batch. Throws only if the store is
   * unavailable.
   */
  async after(
    events: readonly RecordedEvent[],
    owed: OwedStates,
    before: bigint | undefined,
  ): Promise<readonly OutgoingMessage[]> {
    const byStream = new Map<string, RecordedEvent[]>();
    for (const event of events) {
      const own = byStream.get(event.stream) ?? [];
      own.push(event);
      // Keeps the map in the order of the last events.
      byStream.delete(event.stream);
      byStream.set(event.stream, own);
    }
    const allowance = { events: owed.size < MAX_OWED ? MAX_EARLIER_EVENTS : Infinity };
    const records = new Map<string, OutgoingMessage>();
    // A few entities at a time: all folds of a batch might not fit in memory.
    await eachOf([...byStream], CONCURRENT_READS, async ([stream, own]) => {
      const record = owed.has(stream) ? TOO_LONG : await this.afterOwn(own, allowance);
      if (record === TOO_LONG) owed.pass(own.at(-1) as RecordedEvent, before);
      else if (record) records.set(stream, record);
    });
    return [...byStream.keys()].flatMap((stream) => records.get(stream) ?? []);
  }

  held(): HeldFolds {
    return this.cache.held();
  }

  /** The fold after an event, however long its stream is, or undefined if it cannot be folded. */
  async upTo(event: RecordedEvent, read: LongRead): Promise<Fold | undefined> {
    const { stream, revision } = event;
    if (this.broken.has(stream)) return undefined;
    return this.guarded(event, async () => {
      const start = await this.startFor(stream, revision, read.start ?? this.cache.get(stream));
      return this.foldOn(event, start, revision, read.breathe);
    });
  }

  /** The record of a fold, or undefined if it cannot have one. */
  record(event: RecordedEvent, fold: Fold): OutgoingMessage | undefined {
    return this.attempt(event, () => {
      const record = toStateRecord(this.entity, event, fold);
      const bytes = Buffer.byteLength(record.value);
      if (bytes > LARGEST_STATE_BYTES) throw new StateTooLargeError(`${bytes} bytes of state`);
      this.cache.set(event.stream, fold);
      return record;
    });
  }

  private async afterOwn(
    events: readonly RecordedEvent[],
    allowance: Allowance,
  ): Promise<OutgoingMessage | typeof TOO_LONG | undefined> {
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last || this.broken.has(first.stream)) return undefined;
    const before = await this.guarded(first, () => this.before(first, allowance));
    if (before === undefined || before === TOO_LONG) return before;
    const after = this.attempt(last, () => this.foldAll(before, events));
    return after && this.record(last, after);
  }

  /** The fold of an entity before an event. */
  private async before(event: RecordedEvent, allowance: Allowance): Promise<Fold | typeof TOO_LONG> {
    const before = event.revision - 1;
    const start = await this.startFor(event.stream, before, this.cache.get(event.stream));
    const missing = before - start.revision;
    if (missing > allowance.events) return TOO_LONG;
    allowance.events -= missing;
    return this.foldOn(event, start, before);
  }

  private foldAll(before: Fold, events: readonly RecordedEvent[]): Fold {
    return events.reduce((fold, event) => foldEvent(this.entity.decider, fold, event), before);
  }

  /** The latest available fold of a stream up to a revision. */
  private async startFor(stream: string, revision: number, atHand: Fold | undefined): Promise<Fold> {
    const { decider } = this.entity;
    const isOfUse = ({ revision: reached }: Fold): boolean => reached <= revision;
    const held = atHand && isOfUse(atHand) ? atHand : emptyFold(decider);
    if (revision - held.revision <= SHORT_STREAM_EVENTS) return held;
    const saved = startOf(decider, await readSnapshot(this.store, stream));
    return isOfUse(saved) && saved.revision > held.revision ? saved : held;
  }

  private async foldOn(
    { stream }: RecordedEvent,
    start: Fold,
    revision: number,
    breathe?: () => Promise<void>,
  ): Promise<Fold> {
    let fold = start;
    if (fold.revision === revision) return fold;
    const range = { from: fold.revision + 1, limit: revision - fold.revision };
    for await (const event of this.store.read(stream, range)) {
      if (event.revision !== fold.revision + 1) break;
      fold = foldEvent(this.entity.decider, fold, event);
      await breathe?.();
    }
    if (fold.revision === revision) return fold;
    throw new StreamTruncatedError(`events of ${stream} before revision ${revision} are gone`);
  }

  /** Rules that fail on their own events must not delay the events of all. */
  private attempt<T>(event: RecordedEvent, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.leaveOut(event, error);
      return undefined;
    }
  }

  /** The same for work that reads the store, which may be unavailable. */
  private async guarded<T>(event: RecordedEvent, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const isOfEntity = !(error instanceof StoreUnavailableError) && (error as Error).name !== 'AbortError';
      if (!isOfEntity) throw error;
      this.leaveOut(event, error);
      return undefined;
    }
  }

  private leaveOut({ stream, revision, metadata }: RecordedEvent, error: unknown): void {
    this.broken.add(stream);
    this.cache.delete(stream);
    this.logger.error(
      { ...about(stream, metadata), revision, err: error },
      'an entity cannot be folded and is left out of the state topic',
    );
  }
}
