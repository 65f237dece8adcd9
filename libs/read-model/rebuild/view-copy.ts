import type { PoolClient } from 'pg';
import type { TableLocks } from '../table-locks.js';
import {
  type AnyView,
  type RowScope,
  type ViewTable,
  type ViewTables,
  viewKey,
} from '#libs/core/view-definition.js';

/** `next` is rebuilt next to the serving view; `previous` served before the last switch. */
export type CopyKind = 'next' | 'previous';

/** Tables with data of each view other than its rows, by its key. */
const KEYED_TABLES = [
  'entities',
  'entity_changes',
  'offsets',
  'parked_entities',
  'parked_events',
  'unreadable_records',
] as const;

/** The same view with its own tables, key and so consumer group. */
export function copyOf(view: AnyView, kind: CopyKind): AnyView {
  const tables = Object.entries(view.tables as ViewTables).map(([name, table]) => {
    return [name, { ...table, name: copyName(view, table, kind) }];
  });
  const copies = Object.fromEntries(tables) as ViewTables;
  return { ...view, name: `${view.name}~${kind}`, tables: copies, scopes: {} };
}

/** Several views may share a table, but each has its own copy. */
function copyName({ category }: AnyView, { name }: ViewTable, kind: CopyKind): string {
  return `${name}__${kind}_${category}`;
}

export interface CopiedTable {
  readonly table: ViewTable;
  readonly copy: string;
  readonly scope: RowScope | undefined;
}

/** The tables of a view, each with its copy. */
export function tablesOf(view: AnyView, kind: CopyKind): readonly CopiedTable[] {
  const scopes = (view.scopes ?? {}) as Readonly<Record<string, RowScope>>;
  return Object.entries(view.tables as ViewTables).map(([name, table]) => {
    return { table, copy: copyName(view, table, kind), scope: scopes[name] };
  });
}

/** The condition for a table's rows that belong to this view. */
export function conditionOf(scope: RowScope | undefined): string {
  if (!scope) return 'true';
  const value = `'${scope.value.replaceAll("'", "''")}'`;
  return scope.is === 'equal' ? `${scope.column} = ${value}` : `starts_with(${scope.column}, ${value})`;
}

/**
 * Creates the empty tables of a copy, like those of the view: columns, keys, indexes and settings.
 */
export async function createCopy(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { table, copy } of tablesOf(view, kind)) {
    await client.query(`CREATE TABLE read_model.${copy} (LIKE read_model.${table.name} INCLUDING ALL)`);
    // Not included in LIKE.
    const { rows } = await client.query<{ options: string[] | null }>(
      'SELECT reloptions AS options FROM pg_class WHERE oid = $1::regclass',
      [`read_model.${table.name}`],
    );
    const options = rows[0]?.options ?? [];
    if (options.length > 0) await client.query(`ALTER TABLE read_model.${copy} SET (${options.join(', ')})`);
  }
}

/** Removes a copy and all its data, if it exists. Throws {@link TablesBusyError}. */
export async function dropCopy(locks: TableLocks, view: AnyView, kind: CopyKind): Promise<void> {
  const copies = tablesOf(view, kind).map(({ copy }) => copy);
  await locks.take(copies);
  for (const copy of copies) await locks.client.query(`DROP TABLE IF EXISTS read_model.${copy}`);
  const key = viewKey(copyOf(view, kind));
  for (const table of KEYED_TABLES)
    await locks.client.query(`DELETE FROM read_model.${table} WHERE view = $1`, [key]);
}

/** Whether the tables of a copy exist. */
export async function hasCopy(client: PoolClient, view: AnyView, kind: CopyKind): Promise<boolean> {
  for (const { copy } of tablesOf(view, kind)) {
    const { rows } = await client.query<{ found: string | null }>('SELECT to_regclass($1) AS found', [
      `read_model.${copy}`,
    ]);
    if (typeof rows[0]?.found !== 'string') return false;
  }
  return true;
}

/**
 * The tables that switching to the copy of this kind renames or removes, with those that are read
 * last. Locking them in this order delays readers the least.
 */
export function exchangedTables(view: AnyView, kind: CopyKind): readonly string[] {
  const tables = tablesOf(view, kind);
  const served = tables.filter(({ scope }) => !scope).map(({ table }) => table.name);
  return [...tables.map(({ copy }) => copy), ...served];
}

/**
 * Moves the serving view's data to the copy of this kind, which must not exist: data by key, and
 * its rows of shared tables. Locks out no readers. {@link putTablesAside} completes it.
 */
export async function putRowsAside(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { table, copy, scope } of tablesOf(view, kind)) {
    if (!scope) continue;
    const ours = `FROM read_model.${table.name} WHERE ${conditionOf(scope)}`;
    await client.query(`CREATE TABLE read_model.${copy} (LIKE read_model.${table.name} INCLUDING ALL)`);
    await client.query(`INSERT INTO read_model.${copy} SELECT * ${ours}`);
    await client.query(`DELETE ${ours}`);
  }
  await moveKeys(client, viewKey(view), viewKey(copyOf(view, kind)));
}

/**
 * The reverse: after {@link putRowsAside}, without locking out readers. {@link takeTables}
 * completes it.
 */
export async function takeRows(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { table, copy, scope } of tablesOf(view, kind)) {
    if (scope) await client.query(`INSERT INTO read_model.${table.name} SELECT * FROM read_model.${copy}`);
  }
  await moveKeys(client, viewKey(copyOf(view, kind)), viewKey(view));
}

/** Renames the serving tables. Nothing serves until {@link takeTables}. */
export async function putTablesAside(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { table, copy, scope } of tablesOf(view, kind)) {
    if (!scope) await client.query(`ALTER TABLE read_model.${table.name} RENAME TO ${copy}`);
  }
}

/**
 * Renames the tables of the copy to the serving names, and removes what was moved out of a copy.
 */
export async function takeTables(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { table, copy, scope } of tablesOf(view, kind)) {
    if (scope) await client.query(`DROP TABLE read_model.${copy}`);
    else await client.query(`ALTER TABLE read_model.${copy} RENAME TO ${table.name}`);
  }
}

async function moveKeys(client: PoolClient, from: string, to: string): Promise<void> {
  for (const table of KEYED_TABLES) {
    await client.query(`UPDATE read_model.${table} SET view = $2 WHERE view = $1`, [from, to]);
  }
}
