import type { Pool } from 'pg';
import { DUTIES_TABLE } from './entity-index.projection.js';
import type { ToWake, WakingSource } from './sweeper.js';

export interface OverdueOptions {
  readonly pool: Pool;
  /** The categories whose entities are checked. */
  readonly categories: readonly string[];
  /** How long something may be due or owed before its entity is woken. */
  readonly patienceSeconds: number;
}

interface Overdue {
  readonly stream: string;
  readonly revision: string;
}

/**
 * Entities that should have acted by themselves but have not, because their workflow was
 * terminated, or Temporal was wiped. One that is woken in vain, or cannot be woken, is left alone
 * for twice as long each time.
 */
export function overdueEntities(options: OverdueOptions): WakingSource {
  return {
    reason: 'overdue',
    find: async (limit) =>
      (await findOverdue(options, limit)).map(({ stream, revision }): ToWake => {
        return { stream, note: () => noteWaking(options.pool, stream, revision) };
      }),
  };
}

/** The longest overdue first. */
async function findOverdue({ pool, categories, patienceSeconds }: OverdueOptions, limit: number) {
  const { rows } = await pool.query<Overdue>(
    `SELECT stream, revision FROM ${DUTIES_TABLE}
     WHERE category = ANY ($1)
       AND (due_at < now() - make_interval(secs => $2) OR owed_since < now() - make_interval(secs => $2))
       AND (woken_revision < revision OR woken_at < now() - make_interval(secs => $2 * 2 ^ least(wakings, 20)))
     ORDER BY least(due_at, owed_since) LIMIT $3`,
    [categories, patienceSeconds, limit],
  );
  return rows;
}

async function noteWaking(pool: Pool, stream: string, revision: string): Promise<void> {
  await pool.query(
    `UPDATE ${DUTIES_TABLE} SET woken_at = now(), woken_revision = $2,
       wakings = CASE WHEN woken_revision = $2 THEN wakings + 1 ELSE 1 END
     WHERE stream = $1`,
    [stream, revision],
  );
}
