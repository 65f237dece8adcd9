import type { Pool, PoolClient } from 'pg';
import type { JsonObject } from '#libs/core/json.js';
import { inTransaction } from '../transaction.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { holdRebuild } from './rebuild-jobs.js';
import { conditionOf, type CopiedTable, copyOf, tablesOf } from './view-copy.js';

/** A row that differs. `live` is from the serving view, `next` from the rebuilt one. */
export interface RowDifference {
  readonly live?: JsonObject;
  readonly next?: JsonObject;
}

export interface TableDiff {
  readonly table: string;
  readonly equal: number;
  readonly changed: number;
  /** Only in the new view: the serving one lacks them. */
  readonly missing: number;
  /** Only in the serving view. */
  readonly extra: number;
  readonly samples: readonly RowDifference[];
}

export interface ViewDiff {
  readonly view: string;
  /**
   * Entities that are at another revision in the new view at present: their rows may differ for
   * that reason alone.
   */
  readonly moving: { readonly ahead: number; readonly behind: number };
  readonly tables: readonly TableDiff[];
}

/**
 * Compares all rows of both at one moment, while both continue. Throws `viewProblems.rebuildState`
 * if there is nothing to compare.
 */
export function diffRows(pool: Pool, view: AnyView, samples: number): Promise<ViewDiff> {
  const compare = async (client: PoolClient): Promise<ViewDiff> => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await holdRebuild(client, viewKey(view));
    const moving = await countMoving(client, viewKey(view), viewKey(copyOf(view, 'next')));
    const tables: TableDiff[] = [];
    for (const copied of tablesOf(view, 'next')) tables.push(await diffTable(client, copied, samples));
    return { view: viewKey(view), moving, tables };
  };
  return inTransaction(pool, compare, { milliseconds: 5 * 60_000 });
}

async function countMoving(client: PoolClient, live: string, next: string): Promise<ViewDiff['moving']> {
  const { rows } = await client.query<{ ahead: string; behind: string }>(
    `SELECT count(*) FILTER (WHERE coalesce(next.revision, -1) > coalesce(live.revision, -1)) AS ahead,
            count(*) FILTER (WHERE coalesce(next.revision, -1) < coalesce(live.revision, -1)) AS behind
     FROM (SELECT stream, revision FROM read_model.entities WHERE view = $1) live
     FULL JOIN (SELECT stream, revision FROM read_model.entities WHERE view = $2) next USING (stream)`,
    [live, next],
  );
  return { ahead: Number(rows[0]?.ahead ?? 0), behind: Number(rows[0]?.behind ?? 0) };
}

async function diffTable(
  client: PoolClient,
  { table, copy, scope }: CopiedTable,
  samples: number,
): Promise<TableDiff> {
  const columns = Object.keys(table.columns);
  const of = (side: string) => `ROW(${columns.map((column) => `${side}.${column}`).join(', ')})`;
  const differ = `${of('live')} IS DISTINCT FROM ${of('next')}`;
  const joined =
    `FROM (SELECT true AS here, ${columns.join(', ')} FROM read_model.${table.name} WHERE ${conditionOf(scope)}) live ` +
    `FULL JOIN (SELECT true AS here, ${columns.join(', ')} FROM read_model.${copy}) next ` +
    `USING (${table.key.join(', ')})`;
  const { rows } = await client.query<Record<'equal' | 'changed' | 'missing' | 'extra', string>>(
    `SELECT count(*) FILTER (WHERE live.here AND next.here AND NOT (${differ})) AS equal,
            count(*) FILTER (WHERE live.here AND next.here AND ${differ}) AS changed,
            count(*) FILTER (WHERE live.here IS NULL) AS missing,
            count(*) FILTER (WHERE next.here IS NULL) AS extra ${joined}`,
  );
  const found = await client.query<{ live: JsonObject | null; next: JsonObject | null }>(
    `SELECT CASE WHEN live.here THEN to_jsonb(live) - 'here' END AS live,
            CASE WHEN next.here THEN to_jsonb(next) - 'here' END AS next
     ${joined} WHERE live.here IS NULL OR next.here IS NULL OR ${differ}
     ORDER BY ${table.key.join(', ')} LIMIT $1`,
    [samples],
  );
  const count = (kind: 'equal' | 'changed' | 'missing' | 'extra') => Number(rows[0]?.[kind] ?? 0);
  return {
    table: table.name,
    equal: count('equal'),
    changed: count('changed'),
    missing: count('missing'),
    extra: count('extra'),
    samples: found.rows.map(({ live, next }) => ({ ...(live && { live }), ...(next && { next }) })),
  };
}
