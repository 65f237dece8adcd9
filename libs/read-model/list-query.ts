import type { Pool } from 'pg';
import { type Page, toPage } from './page.js';

type Value = string | number | readonly string[];

/** A page of a list, as parts of one statement. */
export interface ListQuery<Found, Item> {
  /** `SELECT … FROM …`, up to and without `WHERE`. */
  readonly select: string;
  /** Conditions that all hold, each with a `?` for each of its values. One with an undefined value is left out. */
  readonly where: readonly (readonly [condition: string, ...values: (Value | undefined)[]])[];
  readonly orderBy: string;
  /** At most this many items. */
  readonly limit: number;
  toItem(found: Found): Item;
  /** Where a page ended, as `cursor` of the next one says it. */
  cursorOf(last: Item): string;
}

/** Asks for a page. Values are never part of the text. */
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
