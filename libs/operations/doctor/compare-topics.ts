import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import { BrokenChainError, nextLink } from '#libs/event-store/event-hash.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { isAfter, readTopicEnds } from '#libs/relay/topic-ends.js';
import type { Drift } from '../proof/drift.js';
import { StateLedger } from '../proof/state-ledger.js';
import type { ProvenCategory, StateProofDependencies } from '../proof/state-proof.dependencies.js';
import { TopicLedger } from './topic-ledger.js';

/** The broker acknowledges a commit before each partition shows it. */
const SETTLE_MILLISECONDS = 2_000;

/** How far a stream was read from the store. */
interface StreamEnd {
  readonly revision: number;
  readonly hash: string | undefined;
}

/** The state of a comparison, updated as it proceeds. */
export interface TopicComparison {
  readonly streams: Map<string, StreamEnd>;
  readonly states: StateLedger;
  events: number;
  /** On the event topic. */
  records: number;
}

/** A comparison before it starts. */
export function beginComparison({ category, decider }: ProvenCategory): TopicComparison {
  const states = new StateLedger(stateTopic(category), decider.stateVersion);
  return { streams: new Map(), states, events: 0, records: 0 };
}

/**
 * Reads the topics of a category to their ends, and then its streams in store order. Up to where
 * the relay had already come, every event must be on the topic exactly once, in order and
 * unchanged, and so must the state of each entity after it. Keeps a revision and one or two hashes
 * per stream, but no event and no state. Yields the differences, and undefined in between as a sign
 * of life.
 */
export async function* compareTopics(
  dependencies: Pick<StateProofDependencies, 'kafka' | 'store'>,
  category: ProvenCategory,
  comparison: TopicComparison,
): AsyncGenerator<Drift | undefined> {
  yield* new TopicsComparing(dependencies, category, comparison).run();
}

class TopicsComparing {
  private readonly events: TopicLedger;
  private readonly states: StateLedger;
  private readonly places = new Map<string, Map<number, bigint>>();

  constructor(
    private readonly dependencies: Pick<StateProofDependencies, 'kafka' | 'store'>,
    private readonly category: ProvenCategory,
    private readonly comparison: TopicComparison,
  ) {
    this.events = new TopicLedger(eventsTopic(category.category));
    this.states = comparison.states;
  }

  async *run(): AsyncGenerator<Drift | undefined> {
    const { events, states } = this;
    const { category, decider } = this.category;
    // Of a topic that is being filled, only the filled part.
    const ends = await readTopicEnds(this.dependencies.kafka, category, decider.stateVersion);
    await sleep(SETTLE_MILLISECONDS);
    yield* this.scan(events);
    yield* this.scan(states);
    const unpublished: RecordedEvent[] = [];
    const unstated = new Map<string, number>();
    yield* this.readStore((event) => {
      const { stream, revision } = event;
      const position = BigInt(event.position);
      if (revision > events.revisionOf(stream) && !isAfter(position, ends.events)) unpublished.push(event);
      if (revision > states.revisionOf(stream) && !isAfter(position, ends.states))
        unstated.set(stream, revision);
    });
    if (unpublished.length > 0) yield* this.scan(events);
    if (unstated.size > 0) yield* this.scan(states);
    for (const { stream, revision } of unpublished) {
      if (events.revisionOf(stream) < revision) yield events.missing(stream, revision);
    }
    for (const [stream, revision] of unstated) {
      if (states.revisionOf(stream) < revision) yield states.missing(stream, revision);
    }
  }

  /** Reads a topic from where the last scan ended. */
  private async *scan(ledger: TopicLedger | StateLedger): AsyncGenerator<Drift | undefined> {
    const { kafka } = this.dependencies;
    const places = this.places.get(ledger.topic) ?? new Map<number, bigint>();
    this.places.set(ledger.topic, places);
    for await (const records of kafka.scan(ledger.topic, places)) {
      for (const record of records) yield ledger.take(record);
      if (ledger === this.events) this.comparison.records += records.length;
      yield undefined;
    }
  }

  /**
   * Each stream has to be consistent from its first event. Where a topic ends, both have to agree.
   */
  private async *readStore(see: (event: RecordedEvent) => void): AsyncGenerator<Drift | undefined> {
    const { comparison, events, states } = this;
    const { streams } = comparison;
    for await (const event of this.stored()) {
      if (event === undefined) {
        yield undefined;
        continue;
      }
      comparison.events += 1;
      const { hash, detail } = follow(streams.get(event.stream), event);
      streams.set(event.stream, { revision: event.revision, hash });
      if (detail !== undefined) yield { kind: 'stream', stream: event.stream, detail };
      if (event.revision === events.revisionOf(event.stream)) yield events.compare(event.stream, hash);
      if (event.revision === states.revisionOf(event.stream)) yield states.compare(event.stream, hash);
      see(event);
      if (comparison.events % 500 === 0) yield undefined;
    }
    const endOf = (stream: string): number => streams.get(stream)?.revision ?? -1;
    yield* events.beyond(endOf);
    yield* states.beyond(endOf);
  }

  /** All events of the category that the store holds now, and undefined in between. */
  private async *stored(): AsyncGenerator<RecordedEvent | undefined> {
    const stopping = new AbortController();
    const options = { streamPrefixes: [`${this.category.category}-`], signal: stopping.signal };
    try {
      for await (const message of this.dependencies.store.subscribe(options)) {
        if (message.kind === 'caught-up') return;
        if (message.kind === 'checkpoint') yield undefined;
        if (message.kind === 'event') yield message.event;
      }
    } finally {
      stopping.abort();
    }
  }
}

function follow(before: StreamEnd | undefined, event: RecordedEvent) {
  const { hash: recorded } = event.metadata;
  const expected = (before?.revision ?? -1) + 1;
  if (event.revision !== expected) return { hash: recorded, detail: `revision ${expected} is missing` };
  try {
    return { hash: nextLink(before?.hash, event, recorded) };
  } catch (error) {
    if (!(error instanceof BrokenChainError)) throw error;
    return { hash: recorded, detail: error.message };
  }
}
