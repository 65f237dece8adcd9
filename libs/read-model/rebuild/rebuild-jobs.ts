import type { Pool, PoolClient } from 'pg';
import { ProblemError } from '#libs/core/problem-error.js';
import { viewProblems } from '../view-problems.js';
import { inTransaction } from '../transaction.js';
import { RebuildOverError } from './rebuild.errors.js';

export interface Rebuild {
  readonly id: number;
  readonly view: string;
  readonly state: 'filling' | 'switched' | 'rolled-back' | 'cancelled';
  /** Events per second and process. Default: no limit. */
  readonly throttle?: number;
  readonly operator: string;
  readonly startedAt: string;
  readonly endedAt?: string;
}

interface Found {
  readonly id: string;
  readonly view: string;
  readonly state: Rebuild['state'];
  readonly throttle: number | null;
  readonly operator: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
}

// Any number that no other lock of ours uses.
const LOCK = 7_203_115;

/**
 * A transaction in which nobody else changes the rebuild of this view. It may take long, since rows
 * are moved.
 */
export function changingRebuild<T>(
  pool: Pool,
  view: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const patient = { milliseconds: 10 * 60_000 };
  return inTransaction(
    pool,
    async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, view]);
      return work(client);
    },
    patient,
  );
}

/**
 * Keeps a rebuild unchanged while rows are only read: a switch that waited for a table would delay
 * its readers. Throws `viewProblems.rebuildState` if no rebuild is in progress.
 */
export async function holdRebuild(client: PoolClient, view: string): Promise<void> {
  const { rows } = await client.query<{ held: boolean }>(
    'SELECT pg_try_advisory_xact_lock_shared($1, hashtext($2)) AS held',
    [LOCK, view],
  );
  // Any other holder is about to end it, or to start one.
  if (!rows[0]?.held) throw notRebuilt(view);
  await fillingRebuild(client, view);
}

/**
 * Keeps the rows of a view and of its copies in place until this transaction ends. Throws
 * `viewProblems.rebuildState` while an operator starts, ends or switches a rebuild.
 */
export async function holdInPlace(client: PoolClient, view: string): Promise<void> {
  const { rows } = await client.query<{ held: boolean }>(
    'SELECT pg_try_advisory_xact_lock_shared($1, hashtext($2)) AS held',
    [LOCK, view],
  );
  if (!rows[0]?.held)
    throw new ProblemError(viewProblems.rebuildState, `the rebuild of ${view} is being changed: try again`);
}

/** The last rebuild of a view, finished or not. */
export async function lastRebuild(client: Pool | PoolClient, view: string): Promise<Rebuild | undefined> {
  const { rows } = await client.query<Found>(
    'SELECT * FROM read_model.rebuilds WHERE view = $1 ORDER BY id DESC LIMIT 1',
    [view],
  );
  return rows[0] && toRebuild(rows[0]);
}

/** The rebuild in progress for a view. Throws `viewProblems.rebuildState` if there is none. */
export async function fillingRebuild(client: PoolClient, view: string): Promise<Rebuild> {
  const rebuild = await lastRebuild(client, view);
  if (rebuild?.state !== 'filling') throw notRebuilt(view);
  return rebuild;
}

function notRebuilt(view: string): ProblemError {
  return new ProblemError(viewProblems.rebuildState, `${view} is not being rebuilt`);
}

/** The rebuilds in progress for these views. */
export async function openRebuilds(pool: Pool, views: readonly string[]): Promise<readonly Rebuild[]> {
  const { rows } = await pool.query<Found>(
    `SELECT * FROM read_model.rebuilds WHERE view = ANY ($1) AND state = 'filling'`,
    [views],
  );
  return rows.map(toRebuild);
}

/** How often the rows of each of these views were exchanged, for those where they ever were. */
export async function loadExchanges(
  pool: Pool,
  views: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ view: string; exchanges: string }>(
    `SELECT view, sum(CASE state WHEN 'switched' THEN 1 ELSE 2 END) AS exchanges FROM read_model.rebuilds
     WHERE view = ANY ($1) AND state IN ('switched', 'rolled-back') GROUP BY view`,
    [views],
  );
  return new Map(rows.map(({ view, exchanges }) => [view, Number(exchanges)]));
}

/**
 * Keeps a rebuild from ending before this transaction does. Throws {@link RebuildOverError} if it
 * has ended.
 */
export async function holdOpen(client: PoolClient, id: number): Promise<void> {
  const { rowCount } = await client.query({
    name: 'hold rebuild',
    text: `SELECT 1 FROM read_model.rebuilds WHERE id = $1 AND state = 'filling' FOR SHARE`,
    values: [id],
  });
  if (rowCount !== 1) throw new RebuildOverError(`rebuild ${id} is over`);
}

/** Starts a rebuild. */
export async function insertRebuild(
  client: PoolClient,
  view: string,
  operator: string,
  throttle: number | undefined,
): Promise<Rebuild> {
  const { rows } = await client.query<Found>(
    `INSERT INTO read_model.rebuilds (view, state, operator, throttle) VALUES ($1, 'filling', $2, $3) RETURNING *`,
    [view, operator, throttle],
  );
  return toRebuild(rows[0] as Found);
}

/** Ends a rebuild, after waiting for batches in progress. */
export async function endRebuild(client: PoolClient, id: number, state: Rebuild['state']): Promise<Rebuild> {
  const { rows } = await client.query<Found>(
    'UPDATE read_model.rebuilds SET state = $2, ended_at = now() WHERE id = $1 RETURNING *',
    [id, state],
  );
  return toRebuild(rows[0] as Found);
}

/** Changes its speed. */
export async function setThrottle(
  client: PoolClient,
  id: number,
  throttle: number | undefined,
): Promise<void> {
  await client.query('UPDATE read_model.rebuilds SET throttle = $2 WHERE id = $1', [id, throttle]);
}

function toRebuild({ id, view, state, throttle, operator, started_at, ended_at }: Found): Rebuild {
  return {
    id: Number(id),
    view,
    state,
    ...(throttle !== null && { throttle }),
    operator,
    startedAt: started_at.toISOString(),
    ...(ended_at !== null && { endedAt: ended_at.toISOString() }),
  };
}
