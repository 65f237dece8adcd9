import type { Pool } from 'pg';
import { type Page, toPage } from './page.js';

type Value = string | number | readonly string[];

/** A condition with a `?` for each of its values. It is left out if a value is undefined. */
export type Condition = readonly [condition: string, ...values: (Value | undefined)[]];

/** A page of a list, as parts of one statement. */
export interface ListQuery<Found, Item> {
  /** `SELECT … FROM …`, without `WHERE`. */
  readonly select: string;
  /** Conditions that must all hold. */
  readonly where: readonly Condition[];
  readonly orderBy: string;
  /** The maximum number of items. */
  readonly limit: number;
  toItem(found: Found): Item;
  /** The cursor of the page after this item. */
  cursorOf(last: Item): string;
}

/** Queries a page. Values are never part of the statement's text. */
export async function findPage<Found extends object, Item>(
  pool: Pool,
  { select, where, orderBy, limit, toItem, cursorOf }: ListQuery<Found, Item>,
): Promise<Page<Item>> {
  const values: Value[] = [];
  const conditions = where.flatMap(([condition, ...given]) => {
    const known = given.filter((value) => value !== undefined);
    if (known.length < given.length) return [];
    let next = values.length;
    values.push(...known);
    return [condition.replaceAll('?', () => `$${(next += 1)}`)];
  });
  const text = `${select} WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $${values.length + 1}`;
  const { rows } = await pool.query<Found>(text, [...values, limit + 1]);
  return toPage(rows.map(toItem), limit, cursorOf);
}
