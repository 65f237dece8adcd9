import { EngineUnavailableError } from '#libs/entity-client/entity-gateway.js';
import type { AskedKafka, Kafka } from '#libs/kafka/kafka.js';

/** kafkajs tries for a minute to reach a broker that stands still; nobody at a terminal waits so long. */
const KAFKA_MILLISECONDS = 5_000;

/** Kafka for somebody who waits for the answer: one that does not answer in 5 s counts as away. */
export function inTime(kafka: Kafka): AskedKafka {
  return {
    readTail: (topic, accept) => answerIn(KAFKA_MILLISECONDS, 'kafka', kafka.readTail(topic, accept)),
    watermarks: (topic) => answerIn(KAFKA_MILLISECONDS, 'kafka', kafka.watermarks(topic)),
  };
}

/** The answer, or `EngineUnavailableError` for the server that did not give it in time. */
export function answerIn<T>(
  milliseconds: number,
  engine: EngineUnavailableError['engine'],
  answer: Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new EngineUnavailableError(engine)), milliseconds);
  });
  // An answer that fails when nobody waits for it any more is heard by the race, and so by no one else.
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
