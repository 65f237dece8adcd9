import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic } from '#contracts/entity-contract.js';
import { BrokenChainError, nextLink } from '#libs/event-store/event-hash.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { positionOf } from '#libs/kafka/cloud-event.codec.js';
import type { Drift } from './drift.js';
import type { StateProofDependencies } from './state-proof.dependencies.js';
import { TopicLedger } from './topic-ledger.js';

/** The broker answers a commit before each partition shows it. */
const SETTLE_MILLISECONDS = 2_000;

/** A stream as far as it was read from the store. */
interface StreamEnd {
  readonly revision: number;
  readonly hash: string | undefined;
}

/** What was read, as it grows. */
export interface TopicComparison {
  readonly streams: Map<string, StreamEnd>;
  events: number;
  records: number;
}

/**
 * Reads a category's topic to its end, and then its streams in the order of the store: every event has to be on the topic once,
 * in order and the same, up to where the relay had come before. Keeps a revision and a hash of each stream, no event. Yields the
 * differences, and nothing in between as a sign of life.
 */
export async function* compareTopic(
  dependencies: Pick<StateProofDependencies, 'kafka' | 'store'>,
  category: string,
  comparison: TopicComparison,
): AsyncGenerator<Drift | undefined> {
  const { kafka } = dependencies;
  const topic = eventsTopic(category);
  const relayed = await kafka.readTail(topic, positionOf);
  const relayedUpTo = relayed.reduce((highest, position) => (position > highest ? position : highest), -1n);
  await sleep(SETTLE_MILLISECONDS);
  const ledger = new TopicLedger(topic);
  const positions = new Map<number, bigint>();
  const scan = async function* () {
    for await (const records of kafka.scan(topic, positions)) {
      for (const record of records) yield ledger.take(record);
      comparison.records = ledger.records;
      yield undefined;
    }
  };
  yield* scan();
  const missing: RecordedEvent[] = [];
  yield* readStore(dependencies, category, comparison, ledger, (event) => {
    if (BigInt(event.position) <= relayedUpTo) missing.push(event);
  });
  if (missing.length > 0) yield* scan();
  for (const { stream, revision } of missing) {
    if (ledger.revisionOf(stream) >= revision) continue;
    yield { kind: 'topic', stream, where: topic, detail: `revision ${revision} is missing on the topic` };
  }
}

/** Each stream has to follow from its first event; where the topic ends, both have to hold the same. */
async function* readStore(
  { store }: Pick<StateProofDependencies, 'store'>,
  category: string,
  comparison: TopicComparison,
  ledger: TopicLedger,
  beyond: (event: RecordedEvent) => void,
): AsyncGenerator<Drift | undefined> {
  const { streams } = comparison;
  const stopping = new AbortController();
  const onTopic = new Map([...ledger.streams()].map((stream) => [stream, ledger.revisionOf(stream)]));
  try {
    for await (const message of store.subscribe({ streamPrefix: `${category}-`, signal: stopping.signal })) {
      if (message.kind === 'caught-up') break;
      if (message.kind === 'checkpoint') yield undefined;
      if (message.kind !== 'event') continue;
      const { event } = message;
      comparison.events += 1;
      const before = streams.get(event.stream);
      const { hash, detail } = follow(before, event);
      streams.set(event.stream, { revision: event.revision, hash });
      if (detail !== undefined) yield { kind: 'stream', stream: event.stream, detail };
      const published = onTopic.get(event.stream) ?? -1;
      if (event.revision === published) yield ledger.compare(event.stream, hash);
      else if (event.revision > published) beyond(event);
      if (comparison.events % 500 === 0) yield undefined;
    }
  } finally {
    stopping.abort();
  }
  for (const [stream, revision] of onTopic) {
    const end = streams.get(stream)?.revision ?? -1;
    if (revision <= end) continue;
    const detail = `it ends at revision ${end}, and the topic holds ${revision}: the store lost events`;
    yield { kind: 'stream', stream, detail };
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
