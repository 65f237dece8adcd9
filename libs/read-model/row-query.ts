import type { Pool } from 'pg';
import { isTimestamp } from '#libs/core/timestamp.js';
import type { ColumnType, StoredRow, ViewTable } from '#libs/core/view-definition.js';
import { type Condition, findPage } from './list-query.js';
import { decodeCursor, encodeCursor, type Page } from './page.js';
import { InvalidCursorError } from './read-model.errors.js';

/** A page of a table's rows. In conditions and in `join`, the table is called `found`. */
export interface RowQuery<Row extends object, Item> {
  readonly table: ViewTable;
  /** Conditions that must all hold; that of the tenant is added, if one is given. */
  readonly where: readonly Condition[];
  /** Fields that identify a row. They also make up the cursor. */
  readonly orderBy: readonly string[];
  readonly descending?: boolean | undefined;
  /** The maximum number of rows. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Undefined: rows of every tenant. */
  readonly tenant: string | undefined;
  /** SQL that adds the columns of another table. */
  readonly join?: { readonly table: ViewTable; readonly sql: string };
  toItem(row: Row): Item;
}

/** The values of a row, by field. A null is left out. */
type FoundRow = Readonly<Record<string, string | number | boolean>>;

/**
 * Queries a page of rows. Throws {@link InvalidCursorError} for a cursor of another
 * list.
 */
export async function findRows<Row extends object, Item>(
  pool: Pool,
  query: RowQuery<Row, Item>,
): Promise<Page<Item>> {
  const { table, orderBy, descending = false, limit, cursor, tenant, join } = query;
  const columns = orderBy.map((field) => columnOf(table, field));
  const place = columns.map((column) => `found.${column}`);
  const last = lastOf(
    cursor,
    columns.map((column) => table.columns[column]),
  );
  const after = `(${place.join(', ')}) ${descending ? '<' : '>'} (${place.map(() => '?').join(', ')})`;
  const page = await findPage<Record<string, unknown>, FoundRow>(pool, {
    select: `SELECT * FROM read_model.${table.name} found ${join?.sql ?? ''}`,
    where: [
      tenant === undefined ? ['true'] : ['found.tenant = ?', tenant],
      ...(last ? [[after, ...last] as const] : []),
      ...query.where,
    ],
    orderBy: place.map((column) => `${column} ${descending ? 'DESC' : 'ASC'}`).join(', '),
    limit,
    toItem: (found) => ({ ...rowOf(table, found), ...(join && rowOf(join.table, found)) }),
    cursorOf: (row) => encodeCursor(orderBy.map((field) => String(row[field])).join('/')),
  });
  return { ...page, data: page.data.map((row) => query.toItem(row as Row)) };
}

/** The column of a table that stores a field. */
export function columnOf({ name, fields }: ViewTable, field: string): string {
  const found = Object.keys(fields).find((column) => fields[column] === field);
  if (found === undefined) throw new TypeError(`${name} has no column for ${field}`);
  return found;
}

/**
 * A value as a projection returned it: the client of PostgreSQL reads `bigint` as text and times as
 * dates.
 */
export function readValue(type: ColumnType, value: unknown): StoredRow[string] {
  if (value instanceof Date) return value.toISOString();
  return type.startsWith('bigint') && value !== null ? Number(value) : (value as StoredRow[string]);
}

function rowOf({ columns, fields }: ViewTable, found: Record<string, unknown>): FoundRow {
  const row: Record<string, string | number | boolean> = {};
  for (const [column, type] of Object.entries(columns)) {
    const value = readValue(type, found[column]);
    if (value !== null) row[fields[column] ?? column] = value;
  }
  return row;
}

/** What parts of a cursor look like, by the type of their column. */
const parts: Readonly<Record<string, (part: string) => string | number | undefined>> = {
  id: (part) => (/^[A-Za-z0-9._~@:-]{1,200}$/.test(part) ? part : undefined),
  bigint: (part) =>
    /^\d{1,16}$/.test(part) && Number.isSafeInteger(Number(part)) ? Number(part) : undefined,
  timestamptz: (part) => (isTimestamp(part) ? part : undefined),
};

/** The values that the previous page ended with; undefined without a cursor. */
function lastOf(
  cursor: string | undefined,
  types: readonly (ColumnType | undefined)[],
): readonly (string | number)[] | undefined {
  if (cursor === undefined) return undefined;
  const given = decodeCursor(cursor).split('/');
  const values = types.flatMap((type, index) => parts[String(type)]?.(given[index] ?? '') ?? []);
  if (given.length !== types.length || values.length !== types.length) {
    throw new InvalidCursorError('the cursor belongs to another list');
  }
  return values;
}
