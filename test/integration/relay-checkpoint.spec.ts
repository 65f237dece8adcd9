import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { EventStore, SubscribeOptions } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { runRelay, type RelayProgress } from '#libs/relay/relay.js';
import {
  brokers,
  eventually,
  eventuallyHolds,
  logger,
  newCategory,
  newEvent,
  openKafka,
  readTopic,
} from './read-path-kit.js';
import { tallyOf } from './tally.js';
import { patientStore } from '../support/patient-store.js';

const FOREIGN_EVENTS = 2_000;
/**
 * Events of other categories that a relay may have read again without a checkpoint: two intervals
 * of the subscription, and a few more.
 */
const FEW_EVENTS = 1_000;

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
  progress = undefined;
  stop = () => Promise.resolve();
});

afterEach(async () => {
  await stop();
});

afterAll(async () => {
  await kafka.close();
  await store.close();
});

function relay(): { readonly after: () => string | undefined } {
  let subscribed: SubscribeOptions | undefined;
  const observed = Object.create(store) as EventStore;
  observed.subscribe = (options) => {
    subscribed = options;
    return store.subscribe(options);
  };
  const stopping = new AbortController();
  const done = runRelay({
    service: category,
    entities: { [category]: tallyOf(category) },
    kafka,
    store: observed,
    logger,
    signal: stopping.signal,
    onProgress: (_, reached) => (progress = reached),
    checkpointMilliseconds: 0,
  });
  stop = () => {
    stopping.abort();
    return done;
  };
  return { after: () => subscribed?.after };
}

async function append(stream: string, expected: number, count: number): Promise<void> {
  for (let done = 0; done < count; done += 500) {
    const events = Array.from({ length: Math.min(500, count - done) }, () =>
      newEvent('Added', { amount: 1 }),
    );
    await store.append(stream, expected + done, events);
  }
}

async function eventsAfter(position: string | undefined): Promise<number> {
  let count = 0;
  let after = position;
  for (;;) {
    const page = await store.readAll({
      streamPrefix: '',
      ...(after !== undefined && { after }),
      limit: 2_000,
    });
    count += page.events.length;
    after = page.position;
    if (page.isEnd) return count;
  }
}

async function idsOnTopic(count: number): Promise<number[]> {
  await eventuallyHolds(kafka, eventsTopic(category), count);
  return (await readTopic(kafka, eventsTopic(category))).map(({ revision }) => revision);
}

/** A quiet category with one event, whose relay has noticed that, and busy other categories. */
async function untilQuiet(): Promise<void> {
  await append(`${category}-default.one`, -1, 1);
  relay();
  await idsOnTopic(1);
  await append(`${newCategory()}-default.other`, -1, FOREIGN_EVENTS);
  await eventually('there is a checkpoint near the end', async () => {
    return progress?.checkpoint !== undefined && (await eventsAfter(progress.checkpoint)) < FEW_EVENTS;
  });
  await stop();
}

describe('the relay of a quiet category', () => {
  test('reads few events of others when it starts again, and loses none of its own', async () => {
    await untilQuiet();
    await append(`${category}-default.one`, 0, 1);
    const { after } = relay();
    expect(await idsOnTopic(2)).toEqual([0, 1]);
    expect(await eventsAfter(after())).toBeLessThan(FEW_EVENTS);
    await stop();
    // From here on the checkpoint is stale.
    await append(`${category}-default.one`, 1, 1);
    relay();
    expect(await idsOnTopic(3)).toEqual([0, 1, 2]);
  });

  test('fills a deleted topic from its start, whatever the checkpoint is', async () => {
    await untilQuiet();
    const admin = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [eventsTopic(category)] });
    await eventually(
      'the topic is gone',
      async () => !(await admin.listTopics()).includes(eventsTopic(category)),
    );
    await admin.disconnect();
    const { after } = relay();
    expect(await idsOnTopic(1)).toEqual([0]);
    expect(after()).toBeUndefined();
  });
});
