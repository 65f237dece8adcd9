import type { KafkaRecord } from './kafka.js';
import type { FetchedPartition } from './kafkajs-internals.js';
import type { FetchedMessage, HeaderValues } from './record-batch.js';

/** The records of a fetch that hold data. */
export function committedRecords(topic: string, { partition, messages }: FetchedPartition): KafkaRecord[] {
  return messages
    .filter(({ isControlRecord }) => !isControlRecord)
    .map((message) => toRecord(topic, partition, message));
}

/** Converts a message to one of our records. */
export function toRecord(topic: string, partition: number, message: FetchedMessage): KafkaRecord {
  const { offset, timestamp, key, value, headers, unreadable } = message;
  return {
    topic,
    partition,
    offset: BigInt(offset),
    timestamp: Number(timestamp),
    ...(unreadable === undefined
      ? { key: key?.toString('utf8'), value: value?.toString('utf8'), headers: toTexts(headers) }
      : { key: undefined, value: undefined, headers: {}, unreadable }),
    raw: { key, value, headers },
  };
}

function toTexts(headers: HeaderValues): Record<string, string> {
  const texts = Object.entries(headers).flatMap(([name, [first]]) =>
    first ? [[name, first.toString('utf8')]] : [],
  );
  return Object.fromEntries(texts) as Record<string, string>;
}
