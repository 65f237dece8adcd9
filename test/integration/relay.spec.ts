import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import { killServer, testHome } from '#tools/dev-stack/kill-server.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { fromCloudEvent, positionOf, toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import { ProducerFencedError } from '#libs/kafka/kafka.errors.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { runRelay, type RelayProgress } from '#libs/relay/relay.js';
import { seededRandom } from '../support/seeded-random.js';
import {
  brokers,
  eventually,
  eventuallyHolds,
  logger,
  newCategory,
  newEvent,
  openKafka,
  publish,
  readTopic,
  recorded,
  type SeenRecord,
} from './read-path-kit.js';
import { depthOf } from '../support/depth.js';
import { tallyOf } from './tally.js';
import { patientStore } from '../support/patient-store.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);

let kafka: Kafka;
let store: EventStore;
let category: string;
let topic: string;
/** Ids of the events that this test appended, in order, by stream. */
let appended: Map<string, string[]>;
const children: ChildProcess[] = [];
let stops: (() => Promise<unknown>)[] = [];

beforeAll(() => {
  process.stdout.write(`relay seed ${seed}\n`);
  kafka = openKafka();
  store = patientStore();
});

beforeEach(async () => {
  category = newCategory();
  topic = eventsTopic(category);
  appended = new Map();
  await kafka.ensureTopics([eventTopicSpec(category)]);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

afterAll(async () => {
  await kafka.close();
  await store.close();
});

async function append(id: string, count: number): Promise<void> {
  const stream = `${category}-default.${id}`;
  const before = appended.get(stream) ?? [];
  const events = Array.from({ length: count }, (_, index) =>
    newEvent('Added', { amount: before.length + index }),
  );
  appended.set(stream, [...before, ...events.map((event) => event.id)]);
  await store.append(stream, before.length - 1, events);
}

async function appendSome(streams: number, events: number): Promise<void> {
  const counts = new Map<string, number>();
  for (let left = events; left > 0; left--) {
    const id = `s${Math.floor(random() * streams)}`;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  await Promise.all([...counts].map(([id, count]) => append(id, count)));
}

const total = (): number => [...appended.values()].reduce((sum, ids) => sum + ids.length, 0);

type Progresses = Readonly<Record<string, RelayProgress>>;

interface Running {
  readonly done: Promise<Progresses>;
  readonly progress: () => RelayProgress;
  stop(): Promise<Progresses>;
}

function relay(through: Kafka = kafka): Running {
  const stopping = new AbortController();
  let progress: RelayProgress = { relayed: 0, behindSeconds: null, eventsPerSecond: 0 };
  const done = runRelay({
    service: category,
    entities: { [category]: tallyOf(category) },
    kafka: through,
    store,
    logger,
    signal: stopping.signal,
    onProgress: (_, reached) => (progress = reached),
  });
  done.catch(() => undefined);
  const stop = (): Promise<Progresses> => {
    stopping.abort();
    return done;
  };
  stops.push(() => stop().catch(() => undefined));
  return { done, progress: () => progress, stop };
}

function spawnRelay(): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, ['dist/test/integration/relay-process.js', category], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  return { child, output: () => text };
}

/**
 * Each event once, in the order of its stream, and nothing else, by the ids that this test created.
 */
async function expectTopicIsStore(): Promise<void> {
  await eventuallyHolds(kafka, topic, total(), 120_000);
  const seen = new Map<string, string[]>();
  for (const { key, id } of await readTopic(kafka, topic)) seen.set(key, [...(seen.get(key) ?? []), id]);
  expect(Object.fromEntries([...seen].sort())).toEqual(Object.fromEntries([...appended].sort()));
  await expectStatesAreFolds();
}

/** Hash chains are tested elsewhere. */
function withoutHash(value: string): unknown {
  const { hash, ...state } = JSON.parse(value) as Record<string, unknown>;
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  return state;
}

/**
 * The last state of each entity is the sum of everything that this test added to it, and no state
 * goes back.
 */
async function expectStatesAreFolds(): Promise<void> {
  const expected = [...appended].map(([stream, { length }]) => {
    const tally = { count: length, sum: (length * (length - 1)) / 2, revision: length - 1 };
    return [stream, { id: stream.split('.').at(-1), ...tally }] as const;
  });
  let states: SeenRecord[] = [];
  const latest = (): Map<string, number> => new Map(states.map(({ key, revision }) => [key, revision]));
  await eventually('all states are on their topic', async () => {
    states = await readTopic(kafka, stateTopic(category));
    const seen = latest();
    return expected.every(([stream, { revision }]) => seen.get(stream) === revision);
  });
  const last = new Map(states.map(({ key, value }) => [key, withoutHash(value)]));
  expect(Object.fromEntries([...last].sort())).toEqual(Object.fromEntries(expected.sort()));
  const ids = new Map(states.map(({ key, id }) => [key, id]));
  for (const [stream, id] of ids) expect(id).toBe(appended.get(stream)?.at(-1));
  const revisions = new Map<string, number>();
  for (const { key, revision } of states) {
    expect(revision).toBeGreaterThan(revisions.get(key) ?? -1);
    revisions.set(key, revision);
  }
}

describe('a relay', () => {
  test('puts every event on the topic once, in the order of its stream', async () => {
    await appendSome(30, 500);
    const running = relay();
    for (let round = 0; round < 10; round++) await appendSome(30, 100);
    await expectTopicIsStore();
    expect(await running.stop()).toMatchObject({ [category]: { relayed: total() } });
  });

  test('writes CloudEvents that read as the event of the store', async () => {
    await append('one', 3);
    relay();
    await expectTopicIsStore();
    const [last] = await kafka.readTail(topic, (record) => record);
    const events: RecordedEvent[] = [];
    for await (const one of store.read(`${category}-default.one`)) events.push(one);
    const [, , event] = events;
    expect(fromCloudEvent(last!)).toMatchObject({ ...toPublishedEvent(event!) });
    expect(last?.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_id: event!.id,
      ce_type: 'Added',
      ce_source: `/${category}/default`,
      ce_subject: 'one',
      ce_sequence: '2',
      'content-type': 'application/json',
    });
  });

  test('is quick at rest', async () => {
    const running = relay();
    await append('warm', 1);
    await eventually('the first is there', () => running.progress().relayed >= 1);
    const took: number[] = [];
    for (let n = 0; n < 20; n++) {
      await sleep(20);
      const before = running.progress().relayed;
      const at = performance.now();
      await append('warm', 1);
      await eventually('it is published', () => running.progress().relayed > before, 30_000, 1);
      took.push(performance.now() - at);
    }
    const median = took.sort((a, b) => a - b)[10]!;
    process.stdout.write(`append to committed on the topic: median ${median.toFixed(1)} ms\n`);
  });

  test('resumes from what the topic has, whatever is at its end', async () => {
    await appendSome(5, 100);
    await relay().stop();
    const first = relay();
    await expectTopicIsStore();
    await first.stop();
    // Aborted records and foreign ones, far more than one read at the end of a partition covers.
    const client = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING });
    const producer = client.producer({ transactionalId: `aborting.${category}`, maxInFlightRequests: 1 });
    await producer.connect();
    for (let round = 0; round < 3; round++) {
      const transaction = await producer.transaction();
      const headers = { ce_position: '99999999999999999' };
      const messages = Array.from({ length: 400 }, (_, index) => ({
        partition: index % 12,
        key: 'x',
        value: 'x',
        headers,
      }));
      await transaction.send({ topic, messages });
      await transaction.abort();
    }
    await producer.disconnect();
    await appendSome(5, 100);
    relay();
    await expectTopicIsStore();
  });

  test('needs no consumer group and no offset to resume', async () => {
    await appendSome(5, 50);
    const first = relay();
    await expectTopicIsStore();
    await first.stop();
    const admin = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { groups } = await admin.listGroups();
    await admin.disconnect();
    expect(groups.filter(({ groupId }) => groupId.includes(category))).toEqual([]);
    await appendSome(5, 50);
    relay();
    await expectTopicIsStore();
  });

  test('stops immediately when told to', async () => {
    await append('one', 1);
    const running = relay();
    await expectTopicIsStore();
    const at = performance.now();
    await running.stop();
    expect(performance.now() - at).toBeLessThan(10_000);
  });
});

describe('relays that fail', () => {
  test('lose and repeat nothing when killed in mid-stream, again and again', async () => {
    for (let round = 0; round < depthOf('RESTARTS'); round++) {
      const { child, output } = spawnRelay();
      const appending = (async () => {
        for (let n = 0; n < 15; n++) await appendSome(20, 60);
      })();
      await eventually('it relays', () => output().includes('relayed'), 20_000);
      await sleep(random() * 300);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await appending;
    }
    spawnRelay();
    await expectTopicIsStore();
  });

  test('fence each other off when there are two', async () => {
    const other = openKafka('second-relay');
    const relays = [relay(kafka)];
    for (let round = 0; round < 6; round++) {
      relays.push(relay(round % 2 === 0 ? other : kafka));
      for (let n = 0; n < 5; n++) await appendSome(20, 40);
    }
    await expectTopicIsStore();
    const ends: string[] = [];
    for (const { done } of relays) done.catch((error: Error) => ends.push(error.name));
    const haveNoticed = async (): Promise<boolean> => {
      if (ends.length >= relays.length - 1) return true;
      // A fenced relay with nothing to publish notices with the next event.
      await append('one', 1);
      return false;
    };
    await eventually('all but one have noticed', haveNoticed, 120_000, 250);
    expect(ends).toEqual(Array.from({ length: relays.length - 1 }, () => 'ProducerFencedError'));
    await expectTopicIsStore();
    await Promise.allSettled(relays.map(({ stop }) => stop()));
    await other.close();
  });

  test('leave a frozen one behind: it can publish nothing when it wakes', async () => {
    const frozen = spawnRelay();
    await appendSome(20, 100);
    await eventually('it relays', () => /relayed [1-9]/.test(frozen.output()), 20_000);
    const appending = (async () => {
      for (let n = 0; n < 20; n++) await appendSome(20, 50);
    })();
    await sleep(random() * 100);
    frozen.child.kill('SIGSTOP');
    await appending;
    let isFenced = false;
    relay().done.catch((error: unknown) => (isFenced = error instanceof ProducerFencedError));
    await expectTopicIsStore();
    frozen.child.kill('SIGCONT');
    await appendSome(20, 200);
    // What it had sent may have timed out by now. It then restarts, and fences off the one that
    // followed it.
    const hasNoticed = async (): Promise<boolean> => {
      if (isFenced || frozen.output().includes('ProducerFencedError')) return true;
      await append('one', 1);
      return false;
    };
    await eventually('one of the two was fenced', hasNoticed, 120_000, 250);
    await expectTopicIsStore();
  });

  const ownsServers = process.env[testHome] ? test : test.skip;

  ownsServers('lose and repeat nothing when the broker is killed', async () => {
    relay();
    for (let round = 0; round < depthOf('KILLS'); round++) {
      await appendSome(20, 300);
      killServer('kafka');
      for (let n = 0; n < 10; n++) await appendSome(20, 20);
      await eventually('the broker is back', () => kafka.isReachable(), 120_000);
    }
    await expectTopicIsStore();
  });

  ownsServers('lose and repeat nothing when the store is killed', async () => {
    relay();
    await appendSome(20, 300);
    killServer('event-store');
    await eventually('the store is back', () => store.isReachable(), 120_000);
    await appendSome(20, 300);
    await expectTopicIsStore();
  });
});

test('a record without a position proves nothing', async () => {
  const event = recorded(`${category}-default.one`, 0, newEvent('Added', { amount: 1 }));
  await publish(kafka, topic, [event], { key: event.stream, value: '{}', headers: { ce_position: 'soon' } });
  expect(await kafka.readTail(topic, positionOf)).toEqual([BigInt(event.position)]);
});
