import type { Pool } from 'pg';
import { ProblemError } from '#libs/core/problem-error.js';
import { viewProblems } from '../view-problems.js';
import { TableLocks } from '../table-locks.js';
import { viewKey } from '#libs/core/view-definition.js';
import { operateRebuild, type RebuildRequest } from './operate-rebuild.js';
import {
  changingRebuild,
  endRebuild,
  fillingRebuild,
  insertRebuild,
  lastRebuild,
  type Rebuild,
  setThrottle,
} from './rebuild-jobs.js';
import { createCopy, dropCopy } from './view-copy.js';

export interface StartRebuildRequest extends RebuildRequest {
  /** Events per second and process. */
  readonly throttle?: number | undefined;
}

/**
 * Starts to rebuild a view next to the serving one, in empty tables. Removes what an earlier
 * rebuild left. Throws `viewProblems.rebuildState` if one is already in progress.
 */
export function startRebuild(pool: Pool, request: StartRebuildRequest): Promise<Rebuild> {
  const { view, operator, throttle } = request;
  return operateRebuild(pool, request, 'rebuild', async (client, key) => {
    const last = await lastRebuild(client, key);
    if (last?.state === 'filling')
      throw new ProblemError(viewProblems.rebuildState, `${key} is already being rebuilt`);
    const locks = new TableLocks(client, request.lockMilliseconds);
    for (const kind of ['next', 'previous'] as const) await dropCopy(locks, view, kind);
    await createCopy(client, view, 'next');
    return insertRebuild(client, key, operator, throttle);
  });
}

/** Changes how fast a view is rebuilt. Throws `viewProblems.rebuildState` if it is not. */
export function throttleRebuild(pool: Pool, request: StartRebuildRequest): Promise<Rebuild> {
  const { view, throttle } = request;
  return changingRebuild(pool, viewKey(view), async (client) => {
    const { id, ...rebuild } = await fillingRebuild(client, viewKey(view));
    await setThrottle(client, id, throttle);
    const { throttle: _, ...unbounded } = rebuild;
    return { id, ...unbounded, ...(throttle !== undefined && { throttle }) };
  });
}

/**
 * Cancels a rebuild and removes what it has written. Throws `viewProblems.rebuildState` if there is
 * none.
 */
export function cancelRebuild(pool: Pool, request: StartRebuildRequest): Promise<Rebuild> {
  return operateRebuild(pool, request, 'cancel', async (client, key) => {
    const { id } = await fillingRebuild(client, key);
    // First of all, so that its batches in progress end, and no other starts.
    const ended = await endRebuild(client, id, 'cancelled');
    await dropCopy(new TableLocks(client, request.lockMilliseconds), request.view, 'next');
    return ended;
  });
}
