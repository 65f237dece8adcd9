import { agrees, type Expected, inDollars, sameStock, type Stock, type Totals } from './totals.js';

export interface ReadTotals {
  readonly source: string;
  readonly totals: Totals;
}

/** The final table: the figures of the file, and those of each reader. */
export function reportTable(expected: Expected, found: readonly ReadTotals[]): string {
  const heading = [
    'source'.padEnd(24),
    ...['customers', 'purchases', 'CDs'].map((title) => title.padStart(11)),
    ...['sold USD', 'captured USD'].map((title) => title.padStart(15)),
    ...['received', 'left'].map((title) => title.padStart(10)),
  ].join('');
  return [
    heading,
    row('the file', expected),
    ...found.map(({ source, totals }) =>
      row(source, totals, totals.stock, isRight(totals, expected, found) ? 'agrees' : 'DIFFERS'),
    ),
  ].join('\n');
}

/** Whether a reader agrees with the file, and with the first reader on the stock. */
export function isRight(totals: Totals, expected: Expected, found: readonly ReadTotals[]): boolean {
  const [first] = found;
  return agrees(totals, expected) && first !== undefined && sameStock(totals.stock, first.totals.stock);
}

function row(source: string, totals: Expected, stock?: Stock, mark = ''): string {
  const count = (value: number | undefined, width: number): string =>
    (value?.toLocaleString('en-US') ?? '').padStart(width);
  return [
    source.padEnd(24),
    count(totals.customers, 11),
    count(totals.purchases, 11),
    count(totals.cds, 11),
    inDollars(totals.sold).padStart(15),
    inDollars(totals.captured).padStart(15),
    count(stock?.received, 10),
    count(stock?.left, 10),
    `  ${mark}`,
  ]
    .join('')
    .trimEnd();
}
