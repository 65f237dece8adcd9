import type { Kafka as KafkaJs } from 'kafkajs';
import type { KafkaRecord } from './kafka.js';
import { openGroupFreeReader } from './kafkajs-internals.js';
import { committedRecords } from './kafkajs-records.js';
import { fetchSome, nextOffset } from './kafkajs-tail.js';

/** Reads on from `positions`, partition after partition, to where each ends now; moves `positions` there. */
export async function* scanTopic(
  client: KafkaJs,
  topic: string,
  positions: Map<number, bigint>,
): AsyncGenerator<readonly KafkaRecord[]> {
  const reader = await openGroupFreeReader(client, topic);
  try {
    for (const [partition, { low, high }] of await reader.watermarks()) {
      let offset = positions.get(partition) ?? low;
      while (offset < high) {
        const fetched = await fetchSome({ reader, partition }, offset);
        const records = [...committedRecords(topic, fetched)];
        // A fetch brings whole batches: a part of one may have been read before, or lie beyond the end.
        yield records.filter((record) => record.offset >= offset && record.offset < high);
        offset = nextOffset(fetched);
      }
      positions.set(partition, offset > high ? high : offset);
    }
  } finally {
    await reader.close();
  }
}
