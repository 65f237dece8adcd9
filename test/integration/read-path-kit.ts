import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { Pool } from 'pg';
import { toTimestamp } from '#libs/core/timestamp.js';
import type { EventMetadata, EventToAppend, RecordedEvent } from '#libs/event-store/event-store.js';
import { KafkaUnavailableError } from '#libs/kafka/kafka.errors.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { Kafka, OutgoingMessage } from '#libs/kafka/kafka.js';
import { connectKafka } from '#libs/kafka/kafkajs-kafka.js';
import { createLogger } from '#libs/runtime/logger.js';

process.env['LOG_LEVEL'] ??= 'silent';

export const logger = createLogger('read-path-test', 'stderr');

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const brokers = (): string[] => variable('KAFKA_BROKERS').split(',');

export function openKafka(clientId = 'read-path-test'): Kafka {
  return connectKafka({ brokers: brokers(), clientId, logger });
}

export function openPool(): Pool {
  const pool = new Pool({ connectionString: variable('DATABASE_URL'), max: 10 });
  // A killed server ends idle connections; the next query reports it.
  pool.on('error', () => undefined);
  return pool;
}

/** A category that no other test uses. Stream prefix, topic and view key are derived from it. */
export function newCategory(): string {
  return `t${randomUUID().replaceAll('-', '').slice(0, 12)}`;
}

const AT = Date.UTC(2026, 0, 1);

/** An event with defaults for everything that is not given. */
export function newEvent(type: string, data: EventToAppend['data'], at = AT): EventToAppend {
  const id = randomUUID();
  const metadata: EventMetadata = {
    commandId: id,
    actor: 'tester',
    at: toTimestamp(at),
    index: 0,
    count: 1,
    schemaVersion: 1,
    $correlationId: id,
    $causationId: id,
  };
  return { id, type, data, metadata };
}

let lastPosition = BigInt(Date.now()) * 1_000n;

/** An event as the store would hold it. */
export function recorded(stream: string, revision: number, event: EventToAppend): RecordedEvent {
  lastPosition += 7n;
  return { ...event, stream, revision, position: String(lastPosition), recordedAt: event.metadata.at };
}

/**
 * Writes events to a topic in one transaction, as the relay would. The broker acknowledges a commit
 * before all partitions show it; the next producer with the same id waits until they do.
 */
export async function publish(
  kafka: Kafka,
  topic: string,
  events: readonly RecordedEvent[],
  ...more: OutgoingMessage[]
): Promise<void> {
  const producer = await kafka.openProducer(`test.${topic}`);
  await producer.commit([{ topic, messages: [...events.map(toCloudEvent), ...more] }]);
  await producer.close();
  const next = await kafka.openProducer(`test.${topic}`);
  await next.close();
}

/** A record as a consumer without our code sees it. */
export interface SeenRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly id: string;
  readonly revision: number;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** All committed records of a topic, read by plain kafkajs in a new consumer group. */
export async function readTopic(kafka: Kafka, topic: string): Promise<SeenRecord[]> {
  const ends = await kafka.watermarks(topic);
  const behind = new Set([...ends].filter(([, { low, high }]) => high > low).map(([partition]) => partition));
  const records: SeenRecord[] = [];
  if (behind.size === 0) return records;
  const client = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    if (BigInt(lastOffset) + 1n >= (ends.get(partition)?.high ?? 0n)) behind.delete(partition);
  });
  await consumer.run({
    eachBatch: ({ batch }) => {
      for (const { offset, key, headers, value } of batch.messages) {
        records.push({
          partition: batch.partition,
          offset: BigInt(offset),
          key: String(key),
          id: String(headers?.['ce_id']),
          revision: Number(headers?.['ce_sequence']),
          value: String(value),
          headers: Object.fromEntries(
            Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]),
          ),
        });
      }
      return Promise.resolve();
    },
  });
  try {
    await eventually('the topic is read to its end', () => behind.size === 0);
  } catch (error) {
    // A group created while the broker recovers may never get it, but another group does.
    throw new KafkaUnavailableError(`${topic} was not read to its end`, { cause: error });
  } finally {
    await consumer.disconnect();
  }
  return records;
}

/**
 * Waits until a topic has as many committed records. Reads each once and joins no group, so waiting
 * takes little from what is waited for.
 */
export async function eventuallyHolds(
  kafka: Kafka,
  topic: string,
  count: number,
  milliseconds?: number,
): Promise<void> {
  const positions = new Map<number, bigint>();
  let found = 0;
  const isThere = async (): Promise<boolean> => {
    for await (const { length } of kafka.scan(topic, positions)) found += length;
    return found >= count;
  };
  await eventually(`${count} records are on ${topic}`, isThere, milliseconds);
}

/**
 * Waits for a condition, and fails with its name. While a broker recovers, the condition counts as
 * false.
 */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  milliseconds = 30_000,
  pause = 25,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  const isSoByNow = async (): Promise<boolean> => {
    try {
      return await isSo();
    } catch (error) {
      if (error instanceof KafkaUnavailableError) return false;
      throw error;
    }
  };
  while (!(await isSoByNow())) {
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await sleep(pause);
  }
}
