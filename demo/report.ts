import { inDollars, sameTotals, type Totals } from './totals.js';

export interface ReadTotals {
  readonly source: string;
  readonly totals: Totals;
}

/** The table at the end: what the file says, and what each reader found. */
export function reportTable(expected: Totals, free: number, found: readonly ReadTotals[]): string {
  const row = (source: string, totals: Totals, mark: string): string =>
    [
      source.padEnd(24),
      totals.customers.toLocaleString('en-US').padStart(10),
      (totals.captures + free).toLocaleString('en-US').padStart(11),
      totals.captures.toLocaleString('en-US').padStart(10),
      String(free).padStart(6),
      inDollars(totals.captured).padStart(16),
      `  ${mark}`,
    ].join('');
  const heading = `${'source'.padEnd(24)} customers  purchases  captured  free    captured USD`;
  return [
    heading,
    row('the file', expected, ''),
    ...found.map(({ source, totals }) =>
      row(source, totals, sameTotals(expected, totals) ? 'agrees' : 'DIFFERS'),
    ),
  ].join('\n');
}
