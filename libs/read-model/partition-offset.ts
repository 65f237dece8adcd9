import type { Pool, PoolClient } from 'pg';
import type { KafkaBatch } from '#libs/kafka/kafka.js';

/**
 * The offset at which a view resumes in a partition, or undefined if it was never there. Others
 * wait until this transaction ends.
 */
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

/** How long the time at which a batch was applied is kept. */
const DAYS_KEPT = 7;

/**
 * Advances a view in a partition, and records the time. For each new record, removes two that have
 * expired.
 */
export async function saveOffset(
  client: PoolClient,
  view: string,
  { topic, partition, nextOffset }: KafkaBatch,
): Promise<void> {
  await client.query({
    name: 'save offset',
    text: `WITH noted AS (
             INSERT INTO read_model.applied_batches (view, topic, partition, next_offset, applied_at)
             VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING
           ), oldest AS (
             SELECT next_offset, applied_at FROM read_model.applied_batches
             WHERE view = $1 AND topic = $2 AND partition = $3 ORDER BY next_offset LIMIT 2
           ), forgotten AS (
             DELETE FROM read_model.applied_batches
             WHERE view = $1 AND topic = $2 AND partition = $3 AND next_offset IN (
               SELECT next_offset FROM oldest WHERE applied_at < now() - interval '${DAYS_KEPT} days')
           )
           UPDATE read_model.offsets SET next_offset = $4 WHERE view = $1 AND topic = $2 AND partition = $3`,
    values: [view, topic, partition, String(nextOffset)],
  });
}

/** The offset at which a view resumes in each partition that it has ever read. */
export async function loadOffsets(pool: Pool, view: string, topic: string): Promise<Map<number, bigint>> {
  const { rows } = await pool.query<{ partition: number; next_offset: string }>(
    'SELECT partition, next_offset FROM read_model.offsets WHERE view = $1 AND topic = $2 AND next_offset >= 0',
    [view, topic],
  );
  return new Map(rows.map(({ partition, next_offset }) => [partition, BigInt(next_offset)]));
}

/** Where a view resumes in a partition, given the offset at which it was, if any. */
export function resumeAt(stored: bigint | undefined, { low, high } = { low: 0n, high: 0n }): bigint {
  // Beyond the end of the topic: it was created again, and is read from its start.
  return stored === undefined || stored < low || stored > high ? low : stored;
}
