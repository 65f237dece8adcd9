import type { KafkaRecord } from './kafka.js';
import type { FetchedMessage, FetchedPartition } from './kafkajs-internals.js';

const ABORT_MARKER = Buffer.from([0, 0, 0, 0]);

/** The records of a fetch that belong to no aborted transaction, without the markers of transactions. */
export function* committedRecords(
  topic: string,
  { partition, messages, abortedTransactions }: FetchedPartition,
): Generator<KafkaRecord> {
  const aborted = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: BigInt(firstOffset) }))
    .sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const aborting = new Set<string>();
  for (const message of messages) {
    const { producerId, inTransaction } = message.batchContext;
    while (aborted[0] && aborted[0].firstOffset <= BigInt(message.offset)) {
      aborting.add(aborted[0].producerId);
      aborted.shift();
    }
    if (message.isControlRecord) {
      if (message.key?.equals(ABORT_MARKER)) aborting.delete(producerId);
    } else if (!inTransaction || !aborting.has(producerId)) {
      yield toRecord(topic, partition, message);
    }
  }
}

/** A message of kafkajs as a record of ours. */
export function toRecord(
  topic: string,
  partition: number,
  {
    offset,
    timestamp,
    key,
    value,
    headers,
  }: Pick<FetchedMessage, 'offset' | 'timestamp' | 'key' | 'value' | 'headers'>,
): KafkaRecord {
  return {
    topic,
    partition,
    offset: BigInt(offset),
    timestamp: Number(timestamp),
    key: key?.toString('utf8'),
    value: value?.toString('utf8'),
    headers: toHeaders(headers),
    raw: { key, value, headers: toRawHeaders(headers) },
  };
}

function toRawHeaders(headers: FetchedMessage['headers']): Record<string, Buffer[]> {
  const buffers: Record<string, Buffer[]> = {};
  for (const [name, found] of Object.entries(headers ?? {})) {
    buffers[name] = [found ?? []]
      .flat()
      .map((value) => (typeof value === 'string' ? Buffer.from(value) : value));
  }
  return buffers;
}

function toHeaders(headers: FetchedMessage['headers']): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, found] of Object.entries(headers ?? {})) {
    const value = Array.isArray(found) ? found[0] : found;
    if (value !== undefined) texts[name] = value.toString('utf8');
  }
  return texts;
}
