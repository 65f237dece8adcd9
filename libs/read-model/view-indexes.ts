import type { Pool, PoolClient } from 'pg';
import type { Logger } from '#libs/runtime/logger.js';
import { IndexNotBuiltError } from './read-model.errors.js';
import { copyOf } from './rebuild/view-copy.js';
import { onConnection } from './transaction.js';
import type { AnyView, ViewTable, ViewTables } from '#libs/core/view-definition.js';

/** The longest that building one index may take. */
const MOST_MILLISECONDS = 6 * 60 * 60_000;

// Any number that no other lock of ours uses.
const LOCK = 7_203_116;

export interface ViewIndexesOptions {
  readonly pool: Pool;
  readonly views: readonly AnyView[];
  readonly logger: Logger;
  /** Stops waiting for an index that is being built. PostgreSQL may still finish it. */
  readonly signal?: AbortSignal;
}

/** An index that a table lacks. */
interface Lacking {
  readonly table: string;
  /** `btree (tenant, status, id)` */
  readonly definition: string;
}

/** An index as PostgreSQL describes it. */
interface Found {
  readonly name: string;
  readonly definition: string;
  readonly valid: boolean;
}

/**
 * Builds the indexes that the tables of these views lack, including the copies of a rebuild. It
 * builds one at a time and blocks neither readers nor writers. It may be interrupted at any moment:
 * an index left half-built is dropped and built again. Throws {@link IndexNotBuiltError} while
 * another process builds, and any error of PostgreSQL.
 */
export async function buildIndexes(options: ViewIndexesOptions): Promise<void> {
  for (let before: Lacking | undefined; ;) {
    const [next] = await findLacking(options);
    if (!next) return;
    if (next.table === before?.table && next.definition === before.definition) {
      throw new IndexNotBuiltError(
        `${next.table}: PostgreSQL does not print the index as ${next.definition}`,
      );
    }
    await build(options, next);
    before = next;
  }
}

async function build({ pool, logger, signal }: ViewIndexesOptions, lacking: Lacking): Promise<void> {
  const { table, definition } = lacking;
  const work = async (client: PoolClient): Promise<void> => {
    // Do not wait for the lock: the build would in turn wait for the transaction of that statement.
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [LOCK]);
    if (!rows[0]?.held) throw new IndexNotBuiltError('another process is building indexes');
    try {
      await dropHalfBuilt(client, lacking);
      const startedAt = Date.now();
      logger.info({ table, index: definition }, 'an index is being built');
      await client.query(`CREATE INDEX CONCURRENTLY ON read_model.${table} USING ${definition}`);
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      logger.info({ table, index: definition, seconds }, 'the index is built');
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    }
  };
  await onConnection(pool, work, { milliseconds: MOST_MILLISECONDS, signal });
}

/** The process that started these is gone; otherwise it would hold the lock. */
async function dropHalfBuilt(client: PoolClient, { table, definition }: Lacking): Promise<void> {
  for (const index of await indexesOf(client, table)) {
    if (index.valid || index.definition !== definition) continue;
    await client.query(`DROP INDEX CONCURRENTLY ${index.name}`);
  }
}

async function findLacking({ pool, views }: ViewIndexesOptions): Promise<readonly Lacking[]> {
  const lacking: Lacking[] = [];
  for (const { name: table, indexes = [] } of tablesOf(views)) {
    if (indexes.length === 0 || !(await isThere(pool, table))) continue;
    const built = (await indexesOf(pool, table)).filter(({ valid }) => valid);
    for (const definition of indexes) {
      if (!built.some((index) => index.definition === definition)) lacking.push({ table, definition });
    }
  }
  return lacking;
}

/**
 * The tables of each view and of its copies: the one being filled and the one kept for a rollback.
 */
function tablesOf(views: readonly AnyView[]): readonly ViewTable[] {
  return views
    .flatMap((view) => [view, copyOf(view, 'next'), copyOf(view, 'previous')])
    .flatMap(({ tables }) => Object.values(tables as ViewTables));
}

async function isThere(pool: Pool, table: string): Promise<boolean> {
  const { rows } = await pool.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    `read_model.${table}`,
  ]);
  return rows[0]?.there === true;
}

/** Identified by definition, because a rebuild leaves the same indexes under other names. */
async function indexesOf(client: Pool | PoolClient, table: string): Promise<readonly Found[]> {
  const { rows } = await client.query<Found>(
    `SELECT indexrelid::regclass AS name, indisvalid AS valid,
            regexp_replace(pg_get_indexdef(indexrelid), '^.*? USING ', '') AS definition
     FROM pg_index WHERE indrelid = to_regclass($1)`,
    [`read_model.${table}`],
  );
  return rows;
}
