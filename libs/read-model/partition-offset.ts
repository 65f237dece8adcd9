import type { Pool, PoolClient } from 'pg';
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

/** Where a view goes on in each partition it has ever been in. */
export async function loadOffsets(pool: Pool, view: string, topic: string): Promise<Map<number, bigint>> {
  const { rows } = await pool.query<{ partition: number; next_offset: string }>(
    'SELECT partition, next_offset FROM read_model.offsets WHERE view = $1 AND topic = $2 AND next_offset >= 0',
    [view, topic],
  );
  return new Map(rows.map(({ partition, next_offset }) => [partition, BigInt(next_offset)]));
}
