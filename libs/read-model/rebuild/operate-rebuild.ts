import type { Pool, PoolClient } from 'pg';
import { noteInAudit } from '../parking/view-audit.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { changingRebuild, type Rebuild } from './rebuild-jobs.js';

/** The operator and the view. */
export interface RebuildRequest {
  readonly view: AnyView;
  readonly operator: string;
  readonly reason?: string | undefined;
  /** How long to wait for locks on tables. Default: a minute. */
  readonly lockMilliseconds?: number | undefined;
}

/**
 * Executes an operator's action on the rebuild of a view in one transaction, and records it in the
 * audit. Throws what `work` throws.
 */
export function operateRebuild(
  pool: Pool,
  { view, operator, reason }: RebuildRequest,
  verb: 'rebuild' | 'switch' | 'rollback' | 'cancel',
  work: (client: PoolClient, key: string) => Promise<Rebuild>,
): Promise<Rebuild> {
  const key = viewKey(view);
  return changingRebuild(pool, key, async (client) => {
    const rebuild = await work(client, key);
    await noteInAudit(client, { operator, view: key, verb, reason, result: { result: rebuild.state } });
    return rebuild;
  });
}
