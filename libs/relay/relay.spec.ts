import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import type { TopicMessages } from '#libs/kafka/kafka.js';
import { KafkaUnavailableError, ProducerFencedError } from '#libs/kafka/kafka.errors.js';
import { createLogger } from '#libs/runtime/logger.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryKafka } from '#libs/testing/memory-kafka.js';
import { eventually } from '../../test/support/account-rest.js';
import { tallyOf } from '../../test/integration/tally.js';
import { type RelayProgress, relayTransactionalId, runRelay } from './relay.js';

process.env['LOG_LEVEL'] = 'silent';

const CATEGORIES = ['one', 'two', 'three'];

/** Counts transactions, and fails those that write to some topic. */
class ObservedKafka extends MemoryKafka {
  readonly transactions: (readonly string[])[] = [];
  poisoned: string | undefined;

  override async openProducer(transactionalId: string) {
    const producer = await super.openProducer(transactionalId);
    return {
      ...producer,
      commit: async (writes: readonly TopicMessages[]) => {
        const topics = writes.map(({ topic }) => topic);
        if (this.poisoned && topics.includes(eventsTopic(this.poisoned)))
          throw new KafkaUnavailableError('the broker refuses a record');
        await producer.commit(writes);
        this.transactions.push(topics);
      },
    };
  }
}

let store: MemoryEventStore;
let kafka: ObservedKafka;
let progress: Record<string, RelayProgress>;
let stop: () => Promise<unknown>;
beforeEach(() => {
  store = new MemoryEventStore();
  kafka = new ObservedKafka();
  progress = {};
  stop = () => Promise.resolve();
});
afterEach(() => stop());

function relay(categories = CATEGORIES): Promise<unknown> {
  const stopping = new AbortController();
  const running = runRelay({
    service: 'shop',
    entities: Object.fromEntries(categories.map((category) => [category, tallyOf(category)])),
    kafka,
    store,
    logger: createLogger('test'),
    signal: stopping.signal,
    onProgress: (category, reached) => (progress[category] = reached),
  });
  running.catch(() => undefined);
  stop = () => {
    stopping.abort();
    return running.catch(() => undefined);
  };
  return running;
}

async function append(category: string, count = 1): Promise<void> {
  const stream = `${category}-default.a`;
  const held = store.eventsOf(stream).length;
  const told = Array.from({ length: held + count }, () => ({ type: 'Added', data: { amount: 1 } }));
  await store.append(stream, held - 1, historyOf(stream, told).slice(held));
}

const published = (category: string): number[] =>
  kafka.recordsOf(eventsTopic(category)).map(({ headers }) => Number(headers['ce_sequence']));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, revision) => revision);

async function isPublished(category: string, count: number): Promise<void> {
  await eventually(
    async () => published(category),
    ({ length }) => length >= count,
    20_000,
    5,
  );
  expect(published(category)).toEqual(upTo(count));
}

describe('the relay of a service', () => {
  test('puts the events and states of several categories into one transaction', async () => {
    for (const category of CATEGORIES) await append(category, 2);
    void relay();
    for (const category of CATEGORIES) await isPublished(category, 2);
    // The first event does not wait for the others. They arrive during its transaction.
    expect(kafka.transactions.length).toBeLessThanOrEqual(2);
    const topics = ['two', 'three'].flatMap((category) => [eventsTopic(category), stateTopic(category)]);
    expect(kafka.transactions.at(-1)).toEqual(expect.arrayContaining(topics));
  });

  test('begins where each category stands, and repeats nothing', async () => {
    await append('one', 2);
    await append('two', 2);
    void relay(['one']);
    await isPublished('one', 2);
    await stop();
    await append('three', 2);
    await append('one', 1);
    void relay();
    await isPublished('one', 3);
    await isPublished('two', 2);
    await isPublished('three', 2);
  });

  test('continues for the others while the broker refuses the events of one, and takes it up again', async () => {
    void relay();
    for (const category of CATEGORIES) await append(category);
    for (const category of CATEGORIES) await isPublished(category, 1);
    kafka.poisoned = 'two';
    for (const category of CATEGORIES) await append(category);
    await isPublished('one', 2);
    await isPublished('three', 2);
    await append('one');
    await isPublished('one', 3);
    expect(published('two')).toEqual([0]);
    await eventually(
      async () => progress['two']?.failure,
      (failure) => failure !== undefined,
      20_000,
      5,
    );
    expect(progress['one']).not.toHaveProperty('failure');
    kafka.poisoned = undefined;
    await isPublished('two', 2);
    await append('two');
    await isPublished('two', 3);
    expect(progress['two']).not.toHaveProperty('failure');
  });

  test('ends when another has taken over', async () => {
    const running = relay();
    await append('one');
    await isPublished('one', 1);
    await kafka.openProducer(relayTransactionalId('shop'));
    await append('two');
    await expect(running).rejects.toThrow(ProducerFencedError);
    expect(published('two')).toEqual([]);
  });
});
