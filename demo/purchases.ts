import { readFile } from 'node:fs/promises';
import { DemoError } from './demo.errors.js';

/** One line of the data set. `line` counts from 1 and is what keys and hold ids come from. */
export interface Purchase {
  readonly line: number;
  readonly customer: string;
  readonly cds: number;
  /** US cents; 0 for the few free ones. */
  readonly cents: number;
}

/** The two files of the data set; `name` keeps their accounts apart. */
export interface DataSet {
  readonly name: 'sample' | 'master';
  readonly purchases: readonly Purchase[];
}

const SAMPLE_COLUMNS = 5;
const VALUE = /^(\d+)\.(\d\d)$/;

/** Reads the sample (customer, sample id, date, CDs, value) or the master file (a heading; customer, date, CDs, value). */
export async function readPurchases(path: string): Promise<DataSet> {
  const text = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    throw new DemoError(`cannot read ${path} (${error.code}); give the path of the CDNOW file`);
  });
  const rows = text
    .split(/\r?\n/)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => /^\d+$/.test(columns[0] ?? ''));
  const isSample = rows[0]?.length === SAMPLE_COLUMNS;
  const purchases = rows.map((columns, index) => toPurchase(columns, index + 1, path));
  if (purchases.length === 0) throw new DemoError(`${path} holds no purchases`);
  return { name: isSample ? 'sample' : 'master', purchases };
}

function toPurchase(columns: readonly string[], line: number, path: string): Purchase {
  const [customer, cds, value] = [columns[0], columns.at(-2), VALUE.exec(columns.at(-1) ?? '')];
  if (!customer || !cds || !value) throw new DemoError(`${path}: purchase ${line} cannot be read`);
  return { line, customer, cds: Number(cds), cents: Number(`${value[1]}${value[2]}`) };
}

/** Purchases by customer, in the order of the file. */
export function byCustomer({ purchases }: DataSet): ReadonlyMap<string, readonly Purchase[]> {
  const customers = new Map<string, Purchase[]>();
  for (const purchase of purchases) {
    const list = customers.get(purchase.customer);
    if (list) list.push(purchase);
    else customers.set(purchase.customer, [purchase]);
  }
  return customers;
}

/** The account of a customer. */
export function accountOf(dataSet: DataSet, customer: string): string {
  return `cdnow-${dataSet.name}-${customer}`;
}
