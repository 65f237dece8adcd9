import type { Pool, PoolClient } from 'pg';

/** What a view has of a partition. */
export interface ViewPartition {
  readonly view: string;
  readonly topic: string;
  readonly partition: number;
}

/**
 * The offsets at which views resume in partitions, 0 where one was never. Others wait until this
 * transaction ends. The order of locking is the same for everybody.
 */
export async function lockOffsets(
  client: PoolClient,
  places: readonly ViewPartition[],
): Promise<readonly bigint[]> {
  const { rows } = await client.query<ViewPartition & { next_offset: string }>({
    name: 'lock offsets',
    text: `INSERT INTO read_model.offsets (view, topic, partition, next_offset, updated_at)
           SELECT view, topic, partition, -1, now()
           FROM unnest($1::text[], $2::text[], $3::integer[]) AS place (view, topic, partition)
           ORDER BY view, topic, partition
           ON CONFLICT (view, topic, partition) DO UPDATE SET updated_at = now()
           RETURNING view, topic, partition, next_offset`,
    values: columnsOf(places),
  });
  return places.map(({ view, topic, partition }) => {
    const found = rows.find((row) => row.view === view && row.topic === topic && row.partition === partition);
    const next = BigInt(found?.next_offset ?? -1);
    return next < 0n ? 0n : next;
  });
}

/** How long the time at which a batch was applied is kept. */
const DAYS_KEPT = 7;

/**
 * Moves views in partitions to other offsets, and records the time. For each new record, removes
 * two that have expired.
 */
export async function saveOffsets(
  client: PoolClient,
  moves: readonly (ViewPartition & { readonly nextOffset: bigint })[],
): Promise<void> {
  if (moves.length === 0) return;
  await client.query({
    name: 'save offsets',
    text: `WITH moved AS (
             SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
               AS moved (view, topic, partition, next_offset)
           ), noted AS (
             INSERT INTO read_model.applied_batches (view, topic, partition, next_offset, applied_at)
             SELECT *, clock_timestamp() FROM moved ON CONFLICT DO NOTHING
           ), oldest AS (
             SELECT moved.view, moved.topic, moved.partition, batch.next_offset, batch.applied_at
             FROM moved, LATERAL (
               SELECT next_offset, applied_at FROM read_model.applied_batches batch
               WHERE batch.view = moved.view AND batch.topic = moved.topic AND batch.partition = moved.partition
               ORDER BY next_offset LIMIT 2) batch
           ), forgotten AS (
             DELETE FROM read_model.applied_batches batch USING oldest
             WHERE batch.view = oldest.view AND batch.topic = oldest.topic
               AND batch.partition = oldest.partition AND batch.next_offset = oldest.next_offset
               AND oldest.applied_at < now() - interval '${DAYS_KEPT} days'
           )
           UPDATE read_model.offsets place SET next_offset = moved.next_offset FROM moved
           WHERE place.view = moved.view AND place.topic = moved.topic AND place.partition = moved.partition`,
    values: [...columnsOf(moves), moves.map(({ nextOffset }) => String(nextOffset))],
  });
}

function columnsOf(places: readonly ViewPartition[]) {
  return [
    places.map(({ view }) => view),
    places.map(({ topic }) => topic),
    places.map(({ partition }) => partition),
  ];
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
