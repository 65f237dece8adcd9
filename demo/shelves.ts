import type { DataSet, Purchase } from './purchases.js';

const SHELVES = 100;
const CARTON = 100;
const ID_DIGITS = 6;

/** Pieces of a SKU at a price in cents. */
export interface Item {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

/**
 * The cart of a purchase of n CDs worth v cents: v mod n of them at ⌈v/n⌉ and the others at ⌊v/n⌋,
 * which is v cents in total. The customer's number determines which of the 100 shelves they come
 * from.
 */
export function itemsOf({ customer, cds, cents }: Purchase): readonly Item[] {
  const shelf = Number(customer) % SHELVES;
  const dearer = cents % cds;
  const price = (cents - dearer) / cds;
  const items = [
    { sku: `cd-a-${shelf}`, quantity: dearer, unitPrice: price + 1 },
    { sku: `cd-b-${shelf}`, quantity: cds - dearer, unitPrice: price },
  ];
  return items.filter(({ quantity }) => quantity > 0);
}

/**
 * What has to be received of each of the 200 SKUs: whole cartons, with a few more pieces than will
 * be sold.
 */
export function stockFor({ purchases }: DataSet): ReadonlyMap<string, number> {
  const sold = new Map<string, number>();
  for (let shelf = 0; shelf < SHELVES; shelf += 1) sold.set(`cd-a-${shelf}`, 0).set(`cd-b-${shelf}`, 0);
  for (const { sku, quantity } of purchases.flatMap(itemsOf)) sold.set(sku, (sold.get(sku) ?? 0) + quantity);
  return new Map([...sold].map(([sku, quantity]) => [sku, CARTON * Math.ceil((quantity + 1) / CARTON)]));
}

/** Prefix of the ids of all accounts and carts of a data set. */
export function prefixOf({ name }: DataSet): string {
  return `cd-${name}-`;
}

/** Id of the customer and of the account that pays. */
export function accountOf(dataSet: DataSet, customer: string): string {
  return `${prefixOf(dataSet)}${customer}`;
}

/** Id of the cart of a purchase. Ids sort in the order of the lines. */
export function cartOf(dataSet: DataSet, { line }: Purchase): string {
  return `${prefixOf(dataSet)}${String(line).padStart(ID_DIGITS, '0')}`;
}
