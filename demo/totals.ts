/**
 * The totals found by one reader. The first five are of this data set. The rest are of the stock,
 * for all data sets.
 */
export interface Totals {
  readonly customers: number;
  /** Bought carts, including the free ones. */
  readonly purchases: number;
  readonly cds: number;
  /** Their total in US cents. */
  readonly sold: number;
  /** US cents paid by accounts. */
  readonly captured: number;
  readonly stock: Stock;
}

/** Pieces in stock: received, on hand, and sold. */
export interface Stock {
  readonly received: number;
  readonly left: number;
  readonly taken: number;
}

/** A way to compute the totals that shares no code with the others. */
export interface TotalsReader {
  readonly source: string;
  read(): Promise<Totals>;
}

/** The totals of the file, which does not know the stock. */
export type Expected = Omit<Totals, 'stock'>;

/** Whether a reader agrees with the file, and the stock balances. */
export function agrees(found: Totals, expected: Expected): boolean {
  const { received, left, taken } = found.stock;
  const names = ['customers', 'purchases', 'cds', 'sold', 'captured'] as const;
  return (
    names.every((name) => found[name] === expected[name]) && received === left + taken && taken >= found.cds
  );
}

/** Whether two readers agree on the stock. */
export function sameStock(one: Stock, other: Stock): boolean {
  return one.received === other.received && one.left === other.left && one.taken === other.taken;
}

/** `244,091.94` */
export function inDollars(cents: number): string {
  return (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
