import type { Pool } from 'pg';
import { noteInAudit } from '../parking/view-audit.js';
import { type AnyView, viewKey } from '../view-definition.js';
import {
  changingRebuild,
  endRebuild,
  insertRebuild,
  lastRebuild,
  type Rebuild,
  setThrottle,
} from './rebuild-jobs.js';
import { RebuildStateError } from './rebuild.errors.js';
import { createCopy, dropCopy } from './view-copy.js';

export interface StartRebuildRequest {
  readonly view: AnyView;
  readonly operator: string;
  readonly reason?: string | undefined;
  /** Events a second and process. */
  readonly throttle?: number | undefined;
}

/**
 * Begins to fill a view anew beside the one that serves, in empty tables. What an earlier rebuild left is removed. Throws
 * {@link RebuildStateError} when it is under way already.
 */
export function startRebuild(pool: Pool, request: StartRebuildRequest): Promise<Rebuild> {
  const { view, operator, reason, throttle } = request;
  const key = viewKey(view);
  return changingRebuild(pool, key, async (client) => {
    const last = await lastRebuild(client, key);
    if (last?.state === 'filling') throw new RebuildStateError(`${key} is being rebuilt already`);
    for (const kind of ['next', 'previous'] as const) await dropCopy(client, view, kind);
    await createCopy(client, view, 'next');
    await noteInAudit(client, {
      operator,
      view: key,
      verb: 'rebuild',
      reason,
      result: { result: 'filling' },
    });
    return insertRebuild(client, key, operator, throttle);
  });
}

/** Changes how fast a view is filled. Throws {@link RebuildStateError} when it is not. */
export function throttleRebuild(pool: Pool, request: StartRebuildRequest): Promise<Rebuild> {
  const { view, throttle } = request;
  return changingRebuild(pool, viewKey(view), async (client) => {
    const { id, ...rebuild } = await fillingOne(client, viewKey(view));
    await setThrottle(client, id, throttle);
    const { throttle: _, ...unbounded } = rebuild;
    return { id, ...unbounded, ...(throttle !== undefined && { throttle }) };
  });
}

/** Ends a rebuild and removes what it has filled. Throws {@link RebuildStateError} when there is none. */
export function cancelRebuild(pool: Pool, request: StartRebuildRequest): Promise<Rebuild> {
  const { view, operator, reason } = request;
  const key = viewKey(view);
  return changingRebuild(pool, key, async (client) => {
    const { id } = await fillingOne(client, key);
    // First of all: batches under way for it end, and no other begins.
    const ended = await endRebuild(client, id, 'cancelled');
    await dropCopy(client, view, 'next');
    await noteInAudit(client, {
      operator,
      view: key,
      verb: 'cancel',
      reason,
      result: { result: 'cancelled' },
    });
    return ended;
  });
}

async function fillingOne(...[client, key]: Parameters<typeof lastRebuild>): Promise<Rebuild> {
  const rebuild = await lastRebuild(client, key);
  if (rebuild?.state !== 'filling') throw new RebuildStateError(`${key} is not being rebuilt`);
  return rebuild;
}
