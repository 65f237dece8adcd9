import type { PoolClient } from 'pg';
import type { AnyView, ColumnType, ViewTable, ViewTables } from '#libs/core/view-definition.js';
import { TableChangedError } from './read-model.errors.js';

/** The tables of these views, each once: several views may share a table. */
export function tablesOf(views: readonly AnyView[]): readonly ViewTable[] {
  const tables = views.flatMap((view) => Object.values(view.tables as ViewTables));
  return [...new Map(tables.map((table) => [table.name, table])).values()];
}

/**
 * Creates a table with its indexes unless it exists. Throws {@link TableChangedError} if an
 * existing table differs from its declaration.
 */
export async function createTable(client: PoolClient, table: ViewTable): Promise<void> {
  const existing = await describeTable(client, table.name);
  if (!existing) {
    await client.query(tableStatement(table));
    for (const definition of table.indexes ?? []) {
      await client.query(`CREATE INDEX ON read_model.${table.name} USING ${definition}`);
    }
    return;
  }
  const declared = [
    ...Object.entries(table.columns).map(columnText),
    `PRIMARY KEY (${table.key.join(', ')})`,
  ];
  const missing = declared.filter((part) => !existing.includes(part));
  if (missing.length > 0) {
    throw new TableChangedError(`read_model.${table.name} was created without: ${missing.join('; ')}`);
  }
}

function tableStatement(table: ViewTable): string {
  const { name, key, columns, otherColumns = [], fillfactor } = table;
  const parts = [
    ...Object.entries(columns).map(columnText),
    ...otherColumns,
    `PRIMARY KEY (${key.join(', ')})`,
  ];
  const options = fillfactor === undefined ? '' : ` WITH (fillfactor = ${fillfactor})`;
  return `CREATE TABLE read_model.${name} (${parts.join(', ')})${options}`;
}

/** The type of a column in PostgreSQL. */
export function sqlTypeOf(type: ColumnType): string {
  return type.replace('?', '').replace(/^id$/, 'text');
}

function columnText([name, type]: readonly [string, ColumnType]): string {
  const collation = type.startsWith('id') ? ' COLLATE "C"' : '';
  return `${name} ${sqlTypeOf(type)}${collation}${type.endsWith('?') ? '' : ' NOT NULL'}`;
}

/** An existing table in the words of {@link columnText}; undefined if there is none. */
async function describeTable(client: PoolClient, name: string): Promise<readonly string[] | undefined> {
  const { rows } = await client.query<{ parts: string[] | null }>(
    `SELECT array_agg(attname || CASE format_type(atttypid, atttypmod)
              WHEN 'timestamp with time zone' THEN ' timestamptz'
              ELSE ' ' || format_type(atttypid, atttypmod) END
            || CASE WHEN attcollation = '"C"'::regcollation THEN ' COLLATE "C"' ELSE '' END
            || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END)
          || (SELECT array_agg(pg_get_constraintdef(oid)) FROM pg_constraint
              WHERE conrelid = to_regclass($1) AND contype = 'p') AS parts
     FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [`read_model.${name}`],
  );
  return rows[0]?.parts ?? undefined;
}
