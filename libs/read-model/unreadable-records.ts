import type { PoolClient } from 'pg';
import type { KafkaBatch } from '#libs/kafka/kafka.js';

/** A record that is not one of our events. */
export interface UnreadableRecord {
  readonly offset: bigint;
  readonly reason: string;
}

/**
 * Records which ones were skipped. An event among them would show as a gap, and be read from the
 * store.
 */
export async function noteUnreadable(
  client: PoolClient,
  view: string,
  { topic, partition }: KafkaBatch,
  records: readonly UnreadableRecord[],
): Promise<void> {
  await client.query(
    `INSERT INTO read_model.unreadable_records (view, topic, partition, record_offset, reason, seen_at)
     SELECT $1, $2, $3, *, now() FROM unnest($4::bigint[], $5::text[])
     ON CONFLICT (view, topic, partition, record_offset) DO NOTHING`,
    [
      view,
      topic,
      partition,
      records.map(({ offset }) => String(offset)),
      records.map(({ reason }) => reason),
    ],
  );
}
