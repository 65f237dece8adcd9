import type { Kafka as KafkaJs } from 'kafkajs';
import type { KafkaRecord } from './kafka.js';
import { openGroupFreeReader } from './kafkajs-internals.js';
import { committedRecords } from './kafkajs-records.js';
import { fetchSome, nextOffset } from './kafkajs-tail.js';

/**
 * Reads from `positions` to the current end of each partition, one partition after the other, and
 * advances `positions`.
 */
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
        // A fetch returns whole batches, so parts of one may have been read already, or lie beyond
        // the end.
        yield records.filter((record) => record.offset >= offset && record.offset < high);
        offset = nextOffset(fetched);
      }
      positions.set(partition, offset > high ? high : offset);
    }
  } finally {
    await reader.close();
  }
}
