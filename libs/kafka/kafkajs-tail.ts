import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka as KafkaJs } from 'kafkajs';
import type { KafkaRecord, Watermarks } from './kafka.js';
import { KafkaUnavailableError } from './kafka.errors.js';
import { type FetchedPartition, type GroupFreeReader, openGroupFreeReader } from './kafkajs-internals.js';
import { committedRecords } from './kafkajs-records.js';

const FIRST_STEP = 16n;
const STEP_GROWTH = 8n;
const EMPTY_FETCHES = 20;
const EMPTY_FETCH_PAUSE_MILLISECONDS = 25;

/**
 * Reads each partition backwards from its end until a committed record is accepted. Transaction
 * markers and records of aborted transactions at the end are skipped, however many there are.
 */
export async function readTail<T>(
  client: KafkaJs,
  topic: string,
  accept: (record: KafkaRecord) => T | undefined,
): Promise<readonly T[]> {
  const reader = await openGroupFreeReader(client, topic);
  try {
    const partitions = [...(await reader.watermarks())];
    const found = await Promise.all(
      partitions.map(([partition, { low, high }]) =>
        lastAccepted({ reader, topic, partition, accept }, low, high),
      ),
    );
    return found.filter((value) => value !== undefined);
  } finally {
    await reader.close();
  }
}

/** First offset and end of the committed part of each partition. */
export async function readWatermarks(client: KafkaJs, topic: string): Promise<Watermarks> {
  const reader = await openGroupFreeReader(client, topic);
  try {
    return await reader.watermarks();
  } finally {
    await reader.close();
  }
}

interface Search<T> {
  readonly reader: GroupFreeReader;
  readonly topic: string;
  readonly partition: number;
  readonly accept: (record: KafkaRecord) => T | undefined;
}

async function lastAccepted<T>(search: Search<T>, low: bigint, high: bigint): Promise<T | undefined> {
  let end = high;
  for (let step = FIRST_STEP; end > low; step *= STEP_GROWTH) {
    const start = end - step > low ? end - step : low;
    const accepted = await lastAcceptedBetween(search, start, end);
    if (accepted !== undefined) return accepted;
    end = start;
  }
  return undefined;
}

async function lastAcceptedBetween<T>(search: Search<T>, start: bigint, end: bigint): Promise<T | undefined> {
  let last: T | undefined;
  let offset = start;
  while (offset < end) {
    const fetched = await fetchSome(search, offset);
    for (const record of committedRecords(search.topic, fetched)) {
      if (record.offset < end) last = search.accept(record) ?? last;
    }
    offset = nextOffset(fetched);
  }
  return last;
}

/**
 * Fetches until there is something. The broker may return nothing while it is loading, though the
 * end that it reported is there to be read.
 */
export async function fetchSome(
  { reader, partition }: Pick<Search<unknown>, 'reader' | 'partition'>,
  offset: bigint,
): Promise<FetchedPartition> {
  for (let tries = 0; tries < EMPTY_FETCHES; tries++) {
    const fetched = await reader.fetch(partition, offset);
    if (fetched.messages.length > 0 && nextOffset(fetched) > offset) return fetched;
    await sleep(EMPTY_FETCH_PAUSE_MILLISECONDS);
  }
  throw new KafkaUnavailableError(`cannot read offset ${offset} of partition ${partition}`);
}

/** The offset after a fetch. */
export function nextOffset({ messages }: FetchedPartition): bigint {
  const last = messages.at(-1);
  return last === undefined ? 0n : BigInt(last.offset) + 1n;
}
