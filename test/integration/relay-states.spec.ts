import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { runRelay, type RelayProgress } from '#libs/relay/relay.js';
import type { RelayedEntity } from '#libs/relay/relayed-entity.js';
import {
  brokers,
  eventually,
  eventuallyHolds,
  logger,
  newCategory,
  newEvent,
  openKafka,
  readTopic,
  type SeenRecord,
} from './read-path-kit.js';
import { tallyOf } from './tally.js';
import { patientStore } from '../support/patient-store.js';

let kafka: Kafka;
let store: EventStore;
let category: string;
let progress: RelayProgress | undefined;
let stop: () => Promise<unknown>;

beforeAll(() => {
  kafka = openKafka();
  store = patientStore();
});

beforeEach(() => {
  category = newCategory();
  stop = () => Promise.resolve(undefined);
});

afterEach(async () => {
  await stop();
});

afterAll(async () => {
  await kafka.close();
  await store.close();
});

function relay(entity: RelayedEntity = tallyOf(category), through: EventStore = store): void {
  const stopping = new AbortController();
  const done = runRelay({
    service: category,
    entities: { [category]: entity },
    kafka,
    store: through,
    logger,
    signal: stopping.signal,
    onProgress: (_, reached) => (progress = reached),
  });
  stop = () => {
    stopping.abort();
    return done;
  };
}

/** Appends events of the given types that add 1 each. */
async function append(id: string, expected: number, ...types: string[]): Promise<void> {
  const events = types.map((type) => newEvent(type, { amount: 1 }));
  await store.append(`${category}-default.${id}`, expected, events);
}

const added = (count: number): string[] => Array<string>(count).fill('Added');

/** The whole topic, once the last state of each of these entities has its revision. */
async function statesUpTo(revisions: Record<string, number>): Promise<SeenRecord[]> {
  let states: SeenRecord[] = [];
  await eventually('the states are on their topic', async () => {
    states = await readTopic(kafka, stateTopic(category));
    return Object.entries(revisions).every(([id, revision]) => latest(states, id)?.revision === revision);
  });
  return states;
}

function latest(states: readonly SeenRecord[], id: string): SeenRecord | undefined {
  return states.filter(({ key }) => key === `${category}-default.${id}`).at(-1);
}

const valueOf = (record: SeenRecord | undefined): unknown => JSON.parse(record?.value ?? 'null');

async function deleteTopic(topic: string): Promise<void> {
  const admin = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await eventually('the topic is gone', async () => !(await admin.listTopics()).includes(topic));
  await admin.disconnect();
}

describe('the state topic', () => {
  test('is compacted, and shows the same as the route of the entity', async () => {
    await append('one', -1, ...added(3));
    relay();
    const states = await statesUpTo({ one: 2 });
    expect(valueOf(latest(states, 'one'))).toMatchObject({ id: 'one', count: 3, sum: 3, revision: 2 });
    const [last] = await kafka.readTail(stateTopic(category), (record) => record);
    const [event] = await kafka.readTail(eventsTopic(category), (record) => record);
    expect(last?.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_type: `perdure.${category}.state`,
      ce_source: `/${category}/default/state`,
      ce_subject: 'one',
      ce_sequence: '2',
      ce_id: event?.headers['ce_id'],
      ce_position: event?.headers['ce_position'],
      ce_dataversion: '1',
    });
    const admin = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      resources: [{ type: 2, name: stateTopic(category) }],
      includeSynonyms: false,
    });
    await admin.disconnect();
    const policy = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy');
    expect(policy?.configValue).toBe('compact');
  });

  test('is filled when it is missing, and the events are not repeated', async () => {
    await append('early', -1, ...added(5));
    await append('late', -1, 'Added');
    relay();
    await statesUpTo({ early: 4, late: 0 });
    await stop();
    const before = await readTopic(kafka, eventsTopic(category));
    await deleteTopic(stateTopic(category));
    await append('late', 0, 'Added');
    relay();
    const states = await statesUpTo({ early: 4, late: 1 });
    expect(valueOf(latest(states, 'early'))).toMatchObject({ id: 'early', count: 5, sum: 5, revision: 4 });
    expect(await readTopic(kafka, eventsTopic(category))).toHaveLength(before.length + 1);
  });

  test('stays as it is while a deleted topic of events is filled again', async () => {
    await append('one', -1, ...added(4));
    relay();
    const before = await statesUpTo({ one: 3 });
    await stop();
    await deleteTopic(eventsTopic(category));
    await append('one', 3, 'Added');
    relay();
    const after = await statesUpTo({ one: 4 });
    expect(after).toHaveLength(before.length + 1);
    expect((await readTopic(kafka, eventsTopic(category))).map(({ revision }) => revision)).toEqual([
      0, 1, 2, 3, 4,
    ]);
  });

  test('leaves out an entity whose rules fail, and takes all others', async () => {
    await append('good', -1, 'Added');
    await append('bad', -1, 'Added', 'Poison', 'Added');
    await append('good', 0, 'Added');
    relay();
    await append('bad', 2, 'Added');
    await append('good', 1, 'Added');
    const states = await statesUpTo({ good: 2 });
    expect(latest(states, 'bad')).toBeUndefined();
    await eventuallyHolds(kafka, eventsTopic(category), 7);
    await stop();
    // The topics do not show that the last event has no state, so it is examined again, and skipped
    // again.
    await append('bad', 3, 'Added');
    relay();
    await append('good', 2, 'Added');
    await statesUpTo({ good: 3 });
  });

  test('is rebuilt for another version of the state, and the older one does no harm', async () => {
    await append('one', -1, ...added(2));
    relay();
    await statesUpTo({ one: 1 });
    await stop();
    relay(tallyOf(category, 2));
    await eventually('it is folded again', async () => {
      const tail = await kafka.readTail(stateTopic(category), ({ headers }) => headers);
      // To the end: its two events may come in two transactions.
      return tail.some((headers) => headers['ce_dataversion'] === '2' && headers['ce_sequence'] === '1');
    });
    await stop();
    const before = await readTopic(kafka, stateTopic(category));
    relay();
    await append('two', -1, 'Added');
    const after = await statesUpTo({ one: 1, two: 0 });
    expect(after).toHaveLength(before.length + 1);
  });

  test('is filled concurrently with the events, which continue immediately', async () => {
    await append('one', -1, ...added(3));
    await append('two', -1, ...added(2));
    relay();
    await statesUpTo({ one: 2, two: 1 });
    await stop();
    let letGo = (): void => undefined;
    const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
    const slow = Object.create(store) as EventStore;
    slow.subscribe = async function* (options) {
      if (options.after === undefined) await isLetGo;
      yield* store.subscribe(options);
    };
    relay(tallyOf(category, 2), slow);
    await append('two', 1, 'Added');
    await append('three', -1, 'Added');
    const during = await statesUpTo({ two: 2, three: 0 });
    expect(latest(during, 'two')?.headers).toMatchObject({ ce_dataversion: '2', ce_filledto: 'none' });
    expect(latest(during, 'one')?.headers).toMatchObject({ ce_dataversion: '1' });
    expect(await readTopic(kafka, eventsTopic(category))).toHaveLength(7);
    expect(progress?.refill).toMatchObject({ written: 0 });
    letGo();
    await eventually('nothing is missing', () => progress !== undefined && progress.refill === undefined);
    const states = await readTopic(kafka, stateTopic(category));
    expect(latest(states, 'one')?.headers).toMatchObject({ ce_dataversion: '2', ce_sequence: '2' });
    expect(valueOf(latest(states, 'one'))).toMatchObject({ id: 'one', count: 3, revision: 2 });
    // Those that the relay has written in the meantime are not written again.
    expect(states).toHaveLength(during.length + 1);
  });
});
