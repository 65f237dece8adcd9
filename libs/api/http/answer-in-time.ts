import type { Pool } from 'pg';
import { UnavailableError } from '#libs/core/problems.js';
import { withinOrFail } from '#libs/runtime/within.js';
import type { AskedKafka, Kafka } from '#libs/kafka/kafka.js';

/** By default kafkajs tries to reach a silent broker for a minute, too long for a request. */
const KAFKA_MILLISECONDS = 5_000;
const PROBE_MILLISECONDS = 5_000;

/**
 * Bounds each call to Kafka to 5 s, for use in requests. A call that takes longer throws
 * `UnavailableError`.
 */
export function inTime(kafka: Kafka): AskedKafka {
  return {
    readTail: (topic, accept) => answerIn(KAFKA_MILLISECONDS, 'kafka', kafka.readTail(topic, accept)),
    watermarks: (topic) => answerIn(KAFKA_MILLISECONDS, 'kafka', kafka.watermarks(topic)),
  };
}

/** Resolves to the answer. Throws `UnavailableError` if the server does not answer in time. */
export function answerIn<T>(milliseconds: number, engine: string, answer: Promise<T>): Promise<T> {
  return withinOrFail(answer, milliseconds, new UnavailableError(engine));
}

/**
 * Throws `UnavailableError` if PostgreSQL does not answer in 5 s. Call it before a long operation.
 */
export async function assertPostgresAnswers(pool: Pool): Promise<void> {
  await answerIn(PROBE_MILLISECONDS, 'postgres', pool.query('SELECT 1'));
}
