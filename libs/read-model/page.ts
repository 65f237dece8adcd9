import { InvalidCursorError } from './read-model.errors.js';

/** A page of a list; `nextCursor` is present if more follows. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor?: string;
}

const VERSION = '1.';
/** PostgreSQL text cannot hold it: a query for it fails. */
const NUL = '\0';

/** The cursor of the page after `last`, opaque to clients. */
export function encodeCursor(last: string): string {
  return Buffer.from(VERSION + last, 'utf8').toString('base64url');
}

/** Reverses {@link encodeCursor}. Throws {@link InvalidCursorError} for anything else. */
export function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const isOurs = text.startsWith(VERSION) && encodeCursor(text.slice(VERSION.length)) === cursor;
  if (!isOurs || text.includes(NUL)) {
    throw new InvalidCursorError('the cursor was not made by this API');
  }
  return text.slice(VERSION.length);
}

/**
 * The groups of a pattern in a cursor; none without a cursor. Throws {@link InvalidCursorError} if
 * it does not match.
 */
export function decodeCursorParts(
  cursor: string | undefined,
  pattern: RegExp,
): readonly (string | undefined)[] {
  if (cursor === undefined) return [];
  const [, ...parts] = pattern.exec(decodeCursor(cursor)) ?? [];
  if (parts.length === 0) throw new InvalidCursorError('the cursor belongs to another list');
  return parts;
}

/** The page of `limit` items, from the result of a query for one more. */
export function toPage<Item>(
  found: readonly Item[],
  limit: number,
  cursorOf: (last: Item) => string,
): Page<Item> {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return found.length > limit && last !== undefined ? { data, nextCursor: cursorOf(last) } : { data };
}
