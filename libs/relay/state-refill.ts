import { setTimeout as sleep } from 'node:timers/promises';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { lastEvent } from '#libs/event-store/stream-end.js';
import { eachOf } from '#libs/runtime/each-of.js';
import type { OutgoingMessage } from '#libs/kafka/kafka.js';
import type { OneAtATime } from '#libs/runtime/one-at-a-time.js';
import { OwedStates } from './owed-states.js';
import type { StateFolds } from './state-folds.js';
import { withStateEnd } from './state-record.codec.js';
import { highest, isAfter, type TopicEnds } from './topic-ends.js';

/** Entities whose states form one transaction. Their folds are in memory together. */
const CHUNK_ENTITIES = 50;
const CONCURRENT_READS = 4;
/** At most this many may be folded while the relay waits. */
const FEW_EVENTS = 100;
const LONGEST_REST_MILLISECONDS = 100;
const SHORTEST_WORK_MILLISECONDS = 5;

/** The progress of refilling a state topic, as positions in the store. */
export interface RefillProgress {
  /** All states of events up to here are on their topic. */
  readonly position?: string;
  /** Where the refill ends. Absent if only entities are missing whose fold took too long. */
  readonly target?: string;
  /** States written so far. */
  readonly written: number;
  /** Entities whose events are on their topic and whose state is not. */
  readonly owed: number;
}

export interface StateRefillOptions {
  readonly category: string;
  readonly store: EventStore;
  readonly folds: StateFolds;
  readonly ends: TopicEnds;
  /** Commits states. */
  readonly write: (states: readonly OutgoingMessage[]) => Promise<void>;
  /** Serialises the commits of the relay and its refills. */
  readonly turns: OneAtATime;
  readonly signal: AbortSignal;
}

interface Folded {
  readonly event: RecordedEvent;
  readonly fold: Fold;
}

/**
 * Writes the states that are missing on the topic, concurrently with the relay and at most half of
 * the time. These are all states when the topic is new or of an older version of the state, and
 * those that the relay leaves to the refill. Each entity is folded once, when the scan of the
 * category meets its last event. Entities with events after the end of the scan are left to the
 * relay.
 */
export class StateRefill {
  /** Position of the last event on the event topic. */
  relayed: bigint | undefined;
  private readonly owed = new OwedStates();
  private filled: bigint | undefined;
  private readonly target: bigint | undefined;
  private readonly scan: AsyncIterator<RecordedEvent>;
  private isScanned: boolean;
  private written = 0;
  private workingSince = performance.now();
  private resting: Promise<void> = Promise.resolve();

  constructor(private readonly options: StateRefillOptions) {
    const { ends } = options;
    this.relayed = ends.events;
    this.filled = ends.states;
    this.target = highest([ends.events, ends.lastState]);
    this.isScanned = this.target === undefined || !isAfter(this.target, this.filled);
    this.scan = this.events();
  }

  /** Works until the signal aborts. Throws errors of the store or the topic. */
  async run(): Promise<void> {
    const { owed } = this;
    const { signal } = this.options;
    while (!signal.aborted) {
      if (owed.size > 0) await this.settle(owed.first(CHUNK_ENTITIES), this.filled, false);
      if (!this.isScanned && !signal.aborted) await this.fillNext();
      if (this.isScanned) await owed.some(signal);
    }
    await this.scan.return?.();
  }

  /** Position up to which no state is missing, or `null` if none is missing at all. */
  private missingAfter(): bigint | undefined | null {
    const heldAt = this.owed.heldAt();
    return this.isScanned ? heldAt : lower(this.filled, heldAt);
  }

  progress(): RefillProgress | undefined {
    const { owed } = this;
    const filled = this.missingAfter();
    if (filled === null) return undefined;
    return {
      ...(filled !== undefined && { position: String(filled) }),
      ...(!this.isScanned && { target: String(this.target) }),
      written: this.written,
      owed: owed.size,
    };
  }

  /**
   * The states that the relay commits together with these events. While any are missing, they say
   * so. `relayed`: position of the last event of that transaction.
   */
  async statesAfter(events: readonly RecordedEvent[], relayed: bigint): Promise<readonly OutgoingMessage[]> {
    const states = await this.options.folds.after(events, this.owed, this.relayed);
    const filled = this.missingAfter();
    if (filled === null) return states;
    const end = { filled, relayed: highest([relayed, this.target]) };
    return states.map((state) => withStateEnd(state, end));
  }

  private async *events(): AsyncGenerator<RecordedEvent> {
    const { category, store, ends, signal } = this.options;
    const after = ends.states;
    const messages = store.subscribe({
      streamPrefixes: [`${category}-`],
      ...(after !== undefined && { after: String(after) }),
      signal,
    });
    for await (const message of messages) {
      if (message.kind === 'caught-up') return;
      if (message.kind !== 'event') continue;
      const position = BigInt(message.event.position);
      if (!isAfter(position, after)) continue;
      if (isAfter(position, this.target)) return;
      yield message.event;
      if (position === this.target) return;
    }
  }

  /** Scans until it has met some entities, and writes the states of those that end there. */
  private async fillNext(): Promise<void> {
    const streams = new Set<string>();
    let reached = this.filled;
    let isEnd = false;
    while (streams.size < CHUNK_ENTITIES && !isEnd) {
      const { value: event, done } = (await this.scan.next()) as IteratorResult<RecordedEvent, undefined>;
      if (this.options.signal.aborted) return;
      isEnd = done === true;
      if (!event) continue;
      streams.add(event.stream);
      reached = BigInt(event.position);
      await this.breathe();
    }
    for (const stream of streams) this.owed.take(stream);
    await this.settle([...streams], isEnd ? this.target : reached, isEnd);
  }

  /**
   * Writes the states of these entities that are due, and releases all. `reached`: how far the scan
   * has come.
   */
  private async settle(
    streams: readonly string[],
    reached: bigint | undefined,
    isLast: boolean,
  ): Promise<void> {
    const { signal } = this.options;
    const due = new Map<string, Folded | undefined>();
    await eachOf(streams, CONCURRENT_READS, async (stream) => {
      if (signal.aborted) return;
      const event = await this.dueEvent(stream, reached);
      if (event) due.set(stream, await this.foldLatest(event));
    });
    if (!signal.aborted) await this.options.turns.run(() => this.flush(due, { reached, isLast }));
  }

  /**
   * The event whose state is to be written. Releases the entity if the relay writes the state, or
   * if the scan meets the entity again.
   */
  private async dueEvent(stream: string, reached: bigint | undefined): Promise<RecordedEvent | undefined> {
    const { owed } = this;
    const due = owed.passed(stream);
    if (due) return due;
    const last = await lastEvent(this.options.store, stream);
    // No await since the check: the relay might leave the entity to the refill in between.
    const passed = owed.passed(stream);
    if (passed) return passed;
    if (last && !isAfter(BigInt(last.position), reached)) return last;
    owed.release(stream);
    return undefined;
  }

  /** The fold after an event, and after those that have been published since. */
  private async foldLatest(first: RecordedEvent): Promise<Folded | undefined> {
    const { owed } = this;
    const { folds } = this.options;
    let event = first;
    for (let start: Fold | undefined; ;) {
      const fold = await folds.upTo(event, { start, breathe: () => this.breathe() });
      if (!fold) return undefined;
      const passed = owed.passed(event.stream) ?? event;
      if (passed.revision - fold.revision <= FEW_EVENTS) return { event, fold };
      event = passed;
      start = fold;
    }
  }

  /** Also folds the few events that were published since an entity was folded. */
  private async flush(
    due: ReadonlyMap<string, Folded | undefined>,
    { reached, isLast }: { readonly reached: bigint | undefined; readonly isLast: boolean },
  ): Promise<void> {
    const { owed } = this;
    const { folds, write } = this.options;
    const records: OutgoingMessage[] = [];
    for (const [stream, folded] of due) {
      const event = folded && (owed.passed(stream) ?? folded.event);
      const fold = event && (await folds.upTo(event, { start: folded.fold }));
      const record = fold && folds.record(event, fold);
      if (record) records.push(record);
    }
    const heldAt = owed.heldAt(due);
    const isScanned = this.isScanned || isLast;
    // Beyond what is relayed if the event topic is the one that lags.
    const relayed = highest([this.relayed, this.target]);
    const end = { filled: lower(isScanned ? relayed : reached, heldAt), relayed };
    if (records.length > 0) await write(records.map((record) => withStateEnd(record, end)));
    for (const stream of due.keys()) owed.release(stream);
    this.filled = reached;
    this.isScanned = isScanned;
    this.written += records.length;
  }

  /** Pauses for as long as it has worked. */
  private async breathe(): Promise<void> {
    await this.resting;
    this.options.signal.throwIfAborted();
    const worked = performance.now() - this.workingSince;
    if (worked < SHORTEST_WORK_MILLISECONDS) return;
    this.resting = sleep(Math.min(worked, LONGEST_REST_MILLISECONDS)).then(() => {
      this.workingSince = performance.now();
    });
    await this.resting;
  }
}

function lower(position: bigint | undefined, other: bigint | undefined | null): bigint | undefined {
  if (other === null || position === undefined) return position;
  return other === undefined || other < position ? other : position;
}
