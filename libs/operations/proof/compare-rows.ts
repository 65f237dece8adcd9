import type { ColumnType, ViewTable, StoredRow } from '#libs/core/view-definition.js';
import type { Pace } from './pace.js';

/** The changes needed to make a table match its streams. */
export interface RowDifferences {
  /** Rows that are missing or have other values, as they should be. */
  readonly wrong: readonly StoredRow[];
  /** Rows that nothing in the stream explains. */
  readonly extra: readonly StoredRow[];
  /** One line per difference. */
  readonly details: readonly string[];
}

/**
 * Compares the rows that result from a stream with those in the table, by key, column by column.
 */
export async function compareRows(
  table: ViewTable,
  expected: Iterable<StoredRow>,
  actual: readonly StoredRow[],
  pace: Pace,
): Promise<RowDifferences> {
  const keyOf = (row: StoredRow) => JSON.stringify(table.key.map((column) => row[column]));
  const found = new Map<string, StoredRow>();
  for (const row of actual) {
    found.set(keyOf(row), row);
    await pace.breathe();
  }
  const wrong: StoredRow[] = [];
  const details: string[] = [];
  for (const row of expected) {
    const key = keyOf(row);
    const there = found.get(key);
    found.delete(key);
    await pace.breathe();
    const columns = there && differing(table, row, there);
    if (columns?.length === 0) continue;
    // Keep what only the topic knows.
    wrong.push({ ...row, ...pick(there ?? {}, table.unproven ?? []) });
    details.push(columns ? `${key} differs in ${columns.join(', ')}` : `${key} is missing`);
  }
  const extra = [...found.values()];
  return { wrong, extra, details: [...details, ...extra.map((row) => `${keyOf(row)} should not be there`)] };
}

function differing(table: ViewTable, row: StoredRow, there: StoredRow): readonly string[] {
  return Object.entries<ColumnType>(table.columns)
    .filter(([column]) => !table.unproven?.includes(column))
    .filter(([column, type]) => normal(type, row[column]) !== normal(type, there[column]))
    .map(([column]) => column);
}

/** A time can be written in several ways. */
function normal(type: ColumnType, value: StoredRow[string] | undefined): unknown {
  return type.startsWith('timestamptz') && typeof value === 'string' ? Date.parse(value) : (value ?? null);
}

function pick(row: StoredRow, columns: readonly string[]): StoredRow {
  return Object.fromEntries(
    columns.filter((column) => column in row).map((column) => [column, row[column] ?? null]),
  );
}
