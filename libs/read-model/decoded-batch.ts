import type { PublishedEvent } from '#libs/core/published-event.js';
import { fromCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import type { KafkaBatch } from '#libs/kafka/kafka.js';
import { UnreadableRecordError } from '#libs/kafka/kafka.errors.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { UnreadableRecord } from './unreadable-records.js';

/** A batch with its records read as events. */
export interface DecodedBatch extends KafkaBatch {
  readonly events: readonly PublishedEvent[];
  readonly unreadable: readonly UnreadableRecord[];
}

/** Reads the records of a batch. Those that are not events are logged and listed. */
export function decodeBatch(batch: KafkaBatch, logger: Logger): DecodedBatch {
  const events: PublishedEvent[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const record of batch.records) {
    try {
      events.push(fromCloudEvent(record));
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      unreadable.push({ offset: record.offset, reason: error.message });
      logger.error(
        { topic: record.topic, partition: record.partition, offset: String(record.offset), err: error },
        'a record is not an event and is skipped',
      );
    }
  }
  return { ...batch, events, unreadable };
}

/** The same records in two consecutive batches. */
export function halvesOf(batch: KafkaBatch): readonly [KafkaBatch, KafkaBatch] {
  const middle = Math.ceil(batch.records.length / 2);
  const records = batch.records.slice(middle);
  const at = records[0]?.offset ?? batch.nextOffset;
  return [
    { ...batch, records: batch.records.slice(0, middle), nextOffset: at },
    { ...batch, records, fetchedOffset: at },
  ];
}
