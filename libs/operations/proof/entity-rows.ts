import type { ClientBase } from 'pg';
import { parseStreamName } from '#libs/core/entity-id.js';
import { readValue } from '#libs/read-model/row-query.js';
import type { ColumnType, ViewTable, StoredRow } from '#libs/core/view-definition.js';
import type { Pace } from './pace.js';

/**
 * All rows of an entity in a table, with values as a projection produces them. None if the table
 * declares no owner.
 */
export async function readRows(
  client: ClientBase,
  table: ViewTable,
  stream: string,
  pace: Pace,
): Promise<readonly StoredRow[]> {
  const { where, values } = ofEntity(table, stream);
  const columns = Object.entries<ColumnType>(table.columns);
  const names = columns.map(([name]) => name).join(', ');
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT ${names} FROM read_model.${table.name} WHERE ${where}`,
    values,
  );
  const read: StoredRow[] = [];
  for (const row of rows) {
    read.push(Object.fromEntries(columns.map(([name, type]) => [name, readValue(type, row[name])])));
    await pace.breathe();
  }
  return read;
}

/** Deletes the rows of an entity with these keys. */
export async function deleteRows(
  client: ClientBase,
  table: ViewTable,
  rows: readonly StoredRow[],
): Promise<void> {
  const condition = table.key.map((column, index) => `${column} = $${index + 1}`).join(' AND ');
  for (const row of rows) {
    const key = table.key.map((column) => row[column]);
    await client.query(`DELETE FROM read_model.${table.name} WHERE ${condition}`, key);
  }
}

/** The columns that identify the owner of a row: its stream, or tenant and id of the entity. */
function ofEntity({ owner, category: shared, columns }: ViewTable, stream: string) {
  if (owner === undefined) return { where: 'false', values: [] };
  if (owner === 'stream') return { where: 'stream = $1', values: [stream] };
  const { category = '', tenant = '', id = stream } = parseStreamName(stream) ?? {};
  const named = {
    [owner]: id,
    ...('tenant' in columns && { tenant }),
    ...(shared !== undefined && { [shared]: category }),
  };
  const where = Object.keys(named).map((column, index) => `${column} = $${index + 1}`);
  return { where: where.join(' AND '), values: Object.values(named) };
}
