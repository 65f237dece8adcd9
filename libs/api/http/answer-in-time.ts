import type { Pool } from 'pg';
import { UnavailableError } from '#libs/core/problems.js';
import { withinOrFail } from '#libs/runtime/within.js';
import type { AskedKafka, Kafka } from '#libs/kafka/kafka.js';

/** kafkajs tries for a minute to reach a broker that stands still; nobody at a terminal waits so long. */
const KAFKA_MILLISECONDS = 5_000;
const PROBE_MILLISECONDS = 5_000;

/** Kafka for somebody who waits for the answer: one that does not answer in 5 s counts as away. */
export function inTime(kafka: Kafka): AskedKafka {
  return {
    readTail: (topic, accept) => answerIn(KAFKA_MILLISECONDS, 'kafka', kafka.readTail(topic, accept)),
    watermarks: (topic) => answerIn(KAFKA_MILLISECONDS, 'kafka', kafka.watermarks(topic)),
  };
}

/** The answer, or `UnavailableError` for the server that did not give it in time. */
export function answerIn<T>(milliseconds: number, engine: string, answer: Promise<T>): Promise<T> {
  return withinOrFail(answer, milliseconds, new UnavailableError(engine));
}

/** Fails with `UnavailableError` when PostgreSQL does not answer in 5 s: ask before a long operation. */
export async function assertPostgresAnswers(pool: Pool): Promise<void> {
  await answerIn(PROBE_MILLISECONDS, 'postgres', pool.query('SELECT 1'));
}
