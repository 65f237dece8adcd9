import { readFile } from 'node:fs/promises';
import { DemoError } from './demo.errors.js';

/** One line of the data set. `line` counts from 1; ids and keys are derived from it. */
export interface Purchase {
  readonly line: number;
  readonly customer: string;
  readonly cds: number;
  /** In US cents; 0 for the few free ones. */
  readonly cents: number;
}

/** The two files of the data set. `name` keeps their accounts and carts apart. */
export interface DataSet {
  readonly name: 'sample' | 'master';
  readonly purchases: readonly Purchase[];
}

const SAMPLE_COLUMNS = 5;
const VALUE = /^(\d+)\.(\d\d)$/;
/** The most that a cart takes of one item. */
const MAX_CDS = 999;

/**
 * Reads the sample (customer, sample id, date, CDs, value) or the master file (a heading; customer,
 * date, CDs, value).
 */
export async function readPurchases(path: string): Promise<DataSet> {
  const text = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    throw new DemoError(`cannot read ${path} (${error.code}): specify the path of the CDNOW file`);
  });
  const rows = text
    .split(/\r?\n/)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => /^\d+$/.test(columns[0] ?? ''));
  const isSample = rows[0]?.length === SAMPLE_COLUMNS;
  const purchases = rows.map((columns, index) => toPurchase(columns, index + 1, path));
  if (purchases.length === 0) throw new DemoError(`${path} contains no purchases`);
  return { name: isSample ? 'sample' : 'master', purchases };
}

function toPurchase(columns: readonly string[], line: number, path: string): Purchase {
  const [customer, cds, value] = [columns[0], Number(columns.at(-2)), VALUE.exec(columns.at(-1) ?? '')];
  if (!customer || !(cds >= 1 && cds <= MAX_CDS) || !value) {
    throw new DemoError(`${path}: cannot parse purchase ${line}`);
  }
  return { line, customer, cds, cents: Number(`${value[1]}${value[2]}`) };
}

/** The total spending of each customer. */
export function spentByCustomer({ purchases }: DataSet): ReadonlyMap<string, number> {
  const spent = new Map<string, number>();
  for (const { customer, cents } of purchases) spent.set(customer, (spent.get(customer) ?? 0) + cents);
  return spent;
}
