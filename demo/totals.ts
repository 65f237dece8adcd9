/** What one reader found of a data set. The free purchases are nowhere but in the file; they are counted apart. */
export interface Totals {
  readonly customers: number;
  readonly captures: number;
  /** US cents. */
  readonly captured: number;
}

/** A way to add everything up that shares no code with the others. */
export interface TotalsReader {
  readonly source: string;
  read(): Promise<Totals>;
}

export function sameTotals(a: Totals, b: Totals): boolean {
  return a.customers === b.customers && a.captures === b.captures && a.captured === b.captured;
}

/** `244,091.94` */
export function inDollars(cents: number): string {
  return (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
