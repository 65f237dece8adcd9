import type { PoolClient } from 'pg';
import type { KafkaBatch } from '#libs/kafka/kafka.js';

/** Where a view goes on in a partition; undefined when it never was there. Others wait until this transaction ends. */
export async function lockOffset(
  client: PoolClient,
  view: string,
  { topic, partition }: KafkaBatch,
): Promise<bigint | undefined> {
  const { rows } = await client.query<{ next_offset: string }>({
    name: 'lock offset',
    text: `INSERT INTO read_model.offsets (view, topic, partition, next_offset, updated_at)
           VALUES ($1, $2, $3, -1, now())
           ON CONFLICT (view, topic, partition) DO UPDATE SET updated_at = now()
           RETURNING next_offset`,
    values: [view, topic, partition],
  });
  const next = BigInt(rows[0]?.next_offset ?? -1);
  return next < 0n ? undefined : next;
}

export async function saveOffset(
  client: PoolClient,
  view: string,
  { topic, partition, nextOffset }: KafkaBatch,
): Promise<void> {
  await client.query({
    name: 'save offset',
    text: `UPDATE read_model.offsets SET next_offset = $4 WHERE view = $1 AND topic = $2 AND partition = $3`,
    values: [view, topic, partition, String(nextOffset)],
  });
}
