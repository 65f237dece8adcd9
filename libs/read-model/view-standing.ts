import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { AskedKafka } from '#libs/kafka/kafka.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';

/**
 * The progress of a view according to its rows alone, no matter which process maintains it, if any.
 */
export interface ViewStanding {
  readonly view: string;
  readonly category: string;
  readonly version: number;
  /** `stalled`: there is something to apply, and nothing was applied for half a minute. */
  readonly state: 'current' | 'behind' | 'stalled';
  /** Records of the topic that are not applied yet. */
  readonly lag: number;
  readonly parkedEntities: number;
}

const STALLED_MILLISECONDS = 30_000;

/** The progress of each of these views. */
export async function viewStandings(
  pool: Pool,
  kafka: AskedKafka,
  views: readonly AnyView[],
): Promise<readonly ViewStanding[]> {
  const topics = [...new Set(views.map(({ category }) => eventsTopic(category)))];
  const [ends, offsets, parked] = await Promise.all([
    Promise.all(topics.map(async (topic) => [topic, await endsOf(kafka, topic)] as const)),
    loadProgress(pool, views.map(viewKey)),
    countParked(pool, views.map(viewKey)),
  ]);
  const endsByTopic = new Map(ends);
  return views.map((view) => {
    const key = viewKey(view);
    const applied = offsets.filter((offset) => offset.view === key);
    const lag = lagOf(endsByTopic.get(eventsTopic(view.category)) ?? new Map(), applied);
    const lastAt = Math.max(0, ...applied.map(({ updated_at }) => updated_at.getTime()));
    const isQuiet = Date.now() - lastAt > STALLED_MILLISECONDS;
    const state = lag === 0 ? 'current' : isQuiet ? 'stalled' : 'behind';
    const { category, version } = view;
    return { view: key, category, version, state, lag, parkedEntities: parked.get(key) ?? 0 };
  });
}

/**
 * The offset after the last committed record of each partition. Transaction markers after it are
 * nothing to apply.
 */
export async function endsOf(kafka: AskedKafka, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const last = await kafka.readTail(topic, ({ partition, offset }) => [partition, offset + 1n] as const);
  return new Map(last);
}

/** The offset at which a view resumes in each partition. */
export async function progressOf(pool: Pool, view: AnyView): Promise<ReadonlyMap<number, bigint>> {
  return nextOffsets(await loadProgress(pool, [viewKey(view)]));
}

/** The offset at which a view resumes in each partition; -1 where it was never. */
export function nextOffsets(progress: readonly Progress[]): ReadonlyMap<number, bigint> {
  return new Map(progress.map(({ partition, next_offset }) => [partition, BigInt(next_offset)]));
}

interface Progress {
  readonly view: string;
  readonly partition: number;
  readonly next_offset: string;
  readonly updated_at: Date;
}

/** The progress of each of these views in each partition. */
export async function loadProgress(pool: Pool, views: readonly string[]): Promise<readonly Progress[]> {
  const { rows } = await pool.query<Progress>(
    'SELECT view, partition, next_offset, updated_at FROM read_model.offsets WHERE view = ANY ($1)',
    [views],
  );
  return rows;
}

function lagOf(ends: ReadonlyMap<number, bigint>, applied: readonly Progress[]): number {
  const next = nextOffsets(applied);
  let lag = 0n;
  for (const [partition, end] of ends) {
    const stands = next.get(partition) ?? 0n;
    if (end > stands) lag += end - (stands < 0n ? 0n : stands);
  }
  return Number(lag);
}

/** The number of parked entities of each of these views that has any. */
export async function countParked(
  pool: Pool,
  views: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ view: string; count: string }>(
    'SELECT view, count(*) FROM read_model.parked_entities WHERE view = ANY ($1) GROUP BY view',
    [views],
  );
  return new Map(rows.map(({ view, count }) => [view, Number(count)]));
}
