import type { PoolClient } from 'pg';
import { type AnyView, type RowScope, type ViewTable, type ViewTables, viewKey } from '../view-definition.js';

/** `next` is filled beside the view that serves; `previous` is what served before the last switch. */
export type CopyKind = 'next' | 'previous';

/** What is kept for each view beside its rows, by its key. */
const KEYED_TABLES = [
  'entities',
  'offsets',
  'parked_entities',
  'parked_events',
  'unreadable_records',
] as const;

/** The same view with tables, a key and so a consumer group of its own. */
export function copyOf(view: AnyView, kind: CopyKind): AnyView {
  const tables = Object.entries(view.tables as ViewTables).map(([name, table]) => {
    return [name, { ...table, name: copyName(view, table, kind) }];
  });
  const copies = Object.fromEntries(tables) as ViewTables;
  return { ...view, name: `${view.name}~${kind}`, tables: copies, scopes: {} };
}

/** Several views may share a table: the copies of each are apart. */
function copyName({ category }: AnyView, { name }: ViewTable, kind: CopyKind): string {
  return `${name}__${kind}_${category}`;
}

export interface CopiedTable {
  readonly table: ViewTable;
  readonly copy: string;
  readonly scope: RowScope | undefined;
}

/** The tables of a view, each with that of its copy. */
export function tablesOf(view: AnyView, kind: CopyKind): readonly CopiedTable[] {
  const scopes = (view.scopes ?? {}) as Readonly<Record<string, RowScope>>;
  return Object.entries(view.tables as ViewTables).map(([name, table]) => {
    return { table, copy: copyName(view, table, kind), scope: scopes[name] };
  });
}

/** The rows of a table that are this view's, as a condition. */
export function conditionOf(scope: RowScope | undefined): string {
  if (!scope) return 'true';
  const value = `'${scope.value.replaceAll("'", "''")}'`;
  return scope.is === 'equal' ? `${scope.column} = ${value}` : `starts_with(${scope.column}, ${value})`;
}

/** Makes the empty tables of a copy, like those of the view: columns, keys, indexes and settings. */
export async function createCopy(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { table, copy } of tablesOf(view, kind)) {
    await client.query(`CREATE TABLE read_model.${copy} (LIKE read_model.${table.name} INCLUDING ALL)`);
    // What LIKE leaves out.
    const { rows } = await client.query<{ options: string[] | null }>(
      'SELECT reloptions AS options FROM pg_class WHERE oid = $1::regclass',
      [`read_model.${table.name}`],
    );
    const options = rows[0]?.options ?? [];
    if (options.length > 0) await client.query(`ALTER TABLE read_model.${copy} SET (${options.join(', ')})`);
  }
}

/** Removes a copy with all that is kept for it, where there is one. */
export async function dropCopy(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { copy } of tablesOf(view, kind)) await client.query(`DROP TABLE IF EXISTS read_model.${copy}`);
  const key = viewKey(copyOf(view, kind));
  for (const table of KEYED_TABLES)
    await client.query(`DELETE FROM read_model.${table} WHERE view = $1`, [key]);
}

/** Whether the tables of a copy are there. */
export async function hasCopy(client: PoolClient, view: AnyView, kind: CopyKind): Promise<boolean> {
  for (const { copy } of tablesOf(view, kind)) {
    const { rows } = await client.query<{ found: string | null }>('SELECT to_regclass($1) AS found', [
      `read_model.${copy}`,
    ]);
    if (typeof rows[0]?.found !== 'string') return false;
  }
  return true;
}

/** What serves becomes the copy of this kind, which must not be there. Until {@link takeCopy} nothing serves. */
export async function putAside(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { table, copy, scope } of tablesOf(view, kind)) {
    if (!scope) {
      await client.query(`ALTER TABLE read_model.${table.name} RENAME TO ${copy}`);
      continue;
    }
    const ours = `FROM read_model.${table.name} WHERE ${conditionOf(scope)}`;
    await client.query(`CREATE TABLE read_model.${copy} (LIKE read_model.${table.name} INCLUDING ALL)`);
    await client.query(`INSERT INTO read_model.${copy} SELECT * ${ours}`);
    await client.query(`DELETE ${ours}`);
  }
  await moveKeys(client, viewKey(view), viewKey(copyOf(view, kind)));
}

/** The copy of this kind becomes what serves, and is no copy any more. */
export async function takeCopy(client: PoolClient, view: AnyView, kind: CopyKind): Promise<void> {
  for (const { table, copy, scope } of tablesOf(view, kind)) {
    if (!scope) {
      await client.query(`ALTER TABLE read_model.${copy} RENAME TO ${table.name}`);
      continue;
    }
    await client.query(`INSERT INTO read_model.${table.name} SELECT * FROM read_model.${copy}`);
    await client.query(`DROP TABLE read_model.${copy}`);
  }
  await moveKeys(client, viewKey(copyOf(view, kind)), viewKey(view));
}

async function moveKeys(client: PoolClient, from: string, to: string): Promise<void> {
  for (const table of KEYED_TABLES) {
    await client.query(`UPDATE read_model.${table} SET view = $2 WHERE view = $1`, [from, to]);
  }
}
