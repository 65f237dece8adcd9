import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { BatchConsumer, Kafka } from '#libs/kafka/kafka.js';
import { polledAgain } from './polled-again.js';
import { newCategory, openKafka } from './read-path-kit.js';

const CONSUMERS = 5;
const RECORDS = 21;

const topic = eventTopicSpec(newCategory());
let kafka: Kafka;

beforeAll(async () => {
  kafka = openKafka();
  await kafka.ensureTopics([topic]);
});

afterAll(() => kafka.close());

function consume(groupId: string): BatchConsumer {
  return kafka.consume({ groupId, topics: [topic.name], handle: async () => undefined });
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

test('a consumer at rest hands over a record at once, and hardly wakes its process', async () => {
  const program = ['dist/test/integration/resting-consumer-process.js', topic.name];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = createInterface({ input: child.stdout });
    const nextLine = async () => String((await once(lines, 'line'))[0]);
    const loopsPerSecond = Number(await nextLine());
    expect(loopsPerSecond).toBeLessThan(150);

    const sender = kafka.openSender();
    const took: number[] = [];
    for (let index = 0; index < RECORDS; index++) {
      const arrived = nextLine();
      const sentAt = performance.now();
      const message = { key: String(index), value: 'x', headers: {} };
      await Promise.all([arrived, sender.send([{ topic: topic.name, messages: [message] }])]);
      took.push(performance.now() - sentAt);
    }
    console.log(`loops a second: ${loopsPerSecond}, median latency: ${median(took)?.toFixed(1)} ms`);
    // Usually a few milliseconds, if the machine is not busy.
    expect(median(took)).toBeLessThan(200);
  } finally {
    child.kill('SIGKILL');
  }
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
