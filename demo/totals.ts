/** What one reader found. The first five are of the data set, the rest of the shelves, whoever bought. */
export interface Totals {
  readonly customers: number;
  /** Carts that were bought, the free ones too. */
  readonly purchases: number;
  readonly cds: number;
  /** US cents that those carts cost. */
  readonly sold: number;
  /** US cents that accounts have paid. */
  readonly captured: number;
  readonly stock: Stock;
}

/** Pieces on all shelves: how many came in, how many are there, and how many went out. */
export interface Stock {
  readonly received: number;
  readonly left: number;
  readonly taken: number;
}

/** A way to add everything up that shares no code with the others. */
export interface TotalsReader {
  readonly source: string;
  read(): Promise<Totals>;
}

/** What the file says; of the shelves it knows nothing. */
export type Expected = Omit<Totals, 'stock'>;

/** Whether a reader found what the file says, and no piece was lost or made up. */
export function agrees(found: Totals, expected: Expected): boolean {
  const { received, left, taken } = found.stock;
  const names = ['customers', 'purchases', 'cds', 'sold', 'captured'] as const;
  return (
    names.every((name) => found[name] === expected[name]) && received === left + taken && taken >= found.cds
  );
}

/** Whether two readers found the same on the shelves. */
export function sameStock(one: Stock, other: Stock): boolean {
  return one.received === other.received && one.left === other.left && one.taken === other.taken;
}

/** `244,091.94` */
export function inDollars(cents: number): string {
  return (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
