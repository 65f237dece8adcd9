import type { Pool, PoolClient } from 'pg';
import { noteInAudit } from '../parking/view-audit.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { changingRebuild, type Rebuild } from './rebuild-jobs.js';

/** Who asks, for which view. */
export interface RebuildRequest {
  readonly view: AnyView;
  readonly operator: string;
  readonly reason?: string | undefined;
  /** How long tables that others hold are waited for; a minute, unless said otherwise. */
  readonly lockMilliseconds?: number | undefined;
}

/** Does in one transaction what an operator asks of a view's rebuild, and notes it in the audit. Throws what `work` throws. */
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
