import { EventEmitter, once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { BatchConsumer, Kafka } from '#libs/kafka/kafka.js';
import { eventually, newCategory, openKafka } from './read-path-kit.js';

const CONSUMERS = 5;
const RECORDS = 21;

const topic = eventTopicSpec(newCategory());
const arrivals = new EventEmitter();
let kafka: Kafka;

beforeAll(async () => {
  kafka = openKafka();
  await kafka.ensureTopics([topic]);
});

afterAll(() => kafka.close());

function consume(groupId: string): BatchConsumer {
  const handle = async () => void arrivals.emit(groupId);
  return kafka.consume({ groupId, topics: [topic.name], handle });
}

/** When a poll has ended without records, and so the next has begun. */
async function polledAgain(consumer: BatchConsumer): Promise<void> {
  const before = consumer.status().lastPollAt;
  const isNew = () => consumer.status().lastPollAt > before && consumer.status().state === 'running';
  await eventually('it polls', isNew, 60_000, 100);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

test('a consumer at rest hands over a record at once, and hardly wakes its process', async () => {
  const group = `${topic.name}-rest`;
  const consumer = consume(group);
  await polledAgain(consumer);

  const loops = () => performance.nodeTiming.uvMetricsInfo.loopCount;
  const [begun, loopsBefore] = [performance.now(), loops()];
  await polledAgain(consumer);
  const loopsPerSecond = (loops() - loopsBefore) / ((performance.now() - begun) / 1_000);
  expect(loopsPerSecond).toBeLessThan(150);

  const sender = kafka.openSender();
  const took: number[] = [];
  for (let index = 0; index < RECORDS; index++) {
    const arrived = once(arrivals, group);
    const sentAt = performance.now();
    const message = { key: String(index), value: 'x', headers: {} };
    await Promise.all([arrived, sender.send([{ topic: topic.name, messages: [message] }])]);
    took.push(performance.now() - sentAt);
  }
  console.log(`loops a second: ${loopsPerSecond.toFixed(0)}, median latency: ${median(took)?.toFixed(1)} ms`);
  // Usually a few milliseconds, if the machine is not busy.
  expect(median(took)).toBeLessThan(200);
});

test('a consumer stops at once, although a poll is under way', async () => {
  const consumers = Array.from({ length: CONSUMERS }, (_, index) => consume(`${topic.name}-stop-${index}`));
  await Promise.all(consumers.map(polledAgain));
  const took = await Promise.all(
    consumers.map(async (consumer) => {
      const begun = performance.now();
      await consumer.close();
      return performance.now() - begun;
    }),
  );
  expect(Math.max(...took)).toBeLessThan(1_000);
});
