import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { viewProblems } from '../view-problems.js';
import { TableLocks } from '../table-locks.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { operateRebuild, type RebuildRequest } from './operate-rebuild.js';
import { endRebuild, fillingRebuild, lastRebuild, type Rebuild } from './rebuild-jobs.js';
import { compareEntities } from './rebuild-progress.js';
import {
  copyOf,
  dropCopy,
  exchangedTables,
  hasCopy,
  putRowsAside,
  putTablesAside,
  takeRows,
  takeTables,
} from './view-copy.js';

/** How long the serving view may be paused for the other one to catch up with it. */
const STANDSTILL_MILLISECONDS = 10_000;
const PAUSE_MILLISECONDS = 50;
/** If it lags more than this, nothing is paused. */
const MOST_BEHIND = 5_000;

export interface SwitchRequest extends RebuildRequest {
  readonly partitions: readonly number[];
  /** Switch even if the new view has parked entities that the old one shows. */
  readonly acceptParked?: boolean | undefined;
}

/**
 * Switches to the rebuilt view, in one transaction: readers see all of the old rows, then all of
 * the new ones. The serving view is paused (its offsets are locked); the new one catches up with
 * it, entity by entity, before it is paused too. The old view is kept for a rollback. Readers wait
 * only while tables are renamed. Throws `viewProblems.rebuildState`, `viewProblems.rebuildBehind`,
 * `viewProblems.rebuildParksMore` and {@link TablesBusyError}, in which case nothing was changed.
 */
export function switchRebuild(pool: Pool, request: SwitchRequest): Promise<Rebuild> {
  const { view, partitions, acceptParked = false } = request;
  return operateRebuild(pool, request, 'switch', async (client, key) => {
    const { id } = await fillingRebuild(client, key);
    await refuseFarBehind(client, view);
    const locks = new TableLocks(client, request.lockMilliseconds);
    await dropCopy(locks, view, 'previous');
    // Long reads are waited for here, while the view is still updated.
    await locks.probe(exchangedTables(view, 'next'));
    await standStill(client, view, partitions);
    await untilCaughtUp(client, view);
    await standStill(client, copyOf(view, 'next'), partitions);
    const { parkedOnlyInNext } = await compareEntities(client, view);
    if (parkedOnlyInNext > 0 && !acceptParked) {
      throw new ProblemError(
        viewProblems.rebuildParksMore,
        `${parkedOnlyInNext} entities that ${key} shows are parked in the new one`,
      );
    }
    await putRowsAside(client, view, 'previous');
    await takeRows(client, view, 'next');
    // From here to the end readers wait, so only names change.
    await locks.take(exchangedTables(view, 'next'));
    await putTablesAside(client, view, 'previous');
    await takeTables(client, view, 'next');
    return endRebuild(client, id, 'switched');
  });
}

/**
 * Switches back to the view that served before the last switch. Its projector resumes where it was,
 * so for a while it shows less. The view that served until now is removed. Throws
 * `viewProblems.rebuildState` if there is nothing to go back to, and {@link TablesBusyError}.
 */
export function rollBackRebuild(pool: Pool, request: SwitchRequest): Promise<Rebuild> {
  const { view, partitions } = request;
  return operateRebuild(pool, request, 'rollback', async (client, key) => {
    const rebuild = await lastRebuild(client, key);
    if (rebuild?.state !== 'switched' || !(await hasCopy(client, view, 'previous'))) {
      throw new ProblemError(viewProblems.rebuildState, `${key} has nothing to go back to`);
    }
    const locks = new TableLocks(client, request.lockMilliseconds);
    await dropCopy(locks, view, 'next');
    await locks.probe(exchangedTables(view, 'previous'));
    await standStill(client, view, partitions);
    await putRowsAside(client, view, 'next');
    await takeRows(client, view, 'previous');
    await locks.take(exchangedTables(view, 'previous'));
    await putTablesAside(client, view, 'next');
    await takeTables(client, view, 'previous');
    await dropCopy(locks, view, 'next');
    return endRebuild(client, rebuild.id, 'rolled-back');
  });
}

/**
 * Locks the offsets of all partitions, including those without any batch, so that anyone who folds
 * one waits.
 */
async function standStill(client: PoolClient, view: AnyView, partitions: readonly number[]): Promise<void> {
  const topic = eventsTopic(view.category);
  await client.query(
    `INSERT INTO read_model.offsets (view, topic, partition, next_offset, updated_at)
     SELECT $1, $2, partition, -1, now() FROM unnest($3::integer[]) AS partition ORDER BY partition
     ON CONFLICT (view, topic, partition) DO NOTHING`,
    [viewKey(view), topic, partitions],
  );
  await client.query(
    'SELECT 1 FROM read_model.offsets WHERE view = $1 AND topic = $2 ORDER BY partition FOR UPDATE',
    [viewKey(view), topic],
  );
}

async function refuseFarBehind(client: PoolClient, view: AnyView): Promise<void> {
  const { behind } = await compareEntities(client, view);
  if (behind > MOST_BEHIND) throw behindError(view, behind);
}

async function untilCaughtUp(client: PoolClient, view: AnyView): Promise<void> {
  const deadline = Date.now() + STANDSTILL_MILLISECONDS;
  for (;;) {
    const { behind } = await compareEntities(client, view);
    if (behind === 0) return;
    if (Date.now() > deadline) throw behindError(view, behind);
    await sleep(PAUSE_MILLISECONDS);
  }
}

function behindError(view: AnyView, behind: number): Error {
  return new ProblemError(viewProblems.rebuildBehind, `the new ${viewKey(view)} lags in ${behind} entities`);
}
