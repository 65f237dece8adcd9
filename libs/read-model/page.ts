import { isEntityId } from '#libs/core/entity-id.js';
import { isTimestamp, type Timestamp } from '#libs/core/timestamp.js';
import { InvalidCursorError } from './read-model.errors.js';

/** A page of a list; `nextCursor` is there when more follows. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor?: string;
}

const VERSION = '1.';
/** What no text of PostgreSQL holds: a query for it fails. */
const NUL = '\0';

/** Where a page ended, as a text that means nothing to a client. */
export function encodeCursor(last: string): string {
  return Buffer.from(VERSION + last, 'utf8').toString('base64url');
}

/** What {@link encodeCursor} was given. Throws {@link InvalidCursorError} for anything else. */
export function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const isOurs = text.startsWith(VERSION) && encodeCursor(text.slice(VERSION.length)) === cursor;
  if (!isOurs || text.includes(NUL)) {
    throw new InvalidCursorError('the cursor was not made by this API');
  }
  return text.slice(VERSION.length);
}

/** The id that a page ended with; the empty one, which is before all others, without a cursor. */
export function decodeIdCursor(cursor: string | undefined): string {
  const id = cursor === undefined ? '' : decodeCursor(cursor);
  if (cursor !== undefined && !isEntityId(id))
    throw new InvalidCursorError('the cursor is none of this list');
  return id;
}

/** A moment that a cursor names, as it was written. Throws {@link InvalidCursorError} for one that no calendar has. */
export function decodeMoment(part: string | undefined): Timestamp | undefined {
  if (part === undefined || isTimestamp(part)) return part;
  throw new InvalidCursorError('the cursor is none of this list');
}

/** The groups of a pattern in what a cursor says; none without a cursor. Throws {@link InvalidCursorError} where it does not fit. */
export function decodeCursorParts(
  cursor: string | undefined,
  pattern: RegExp,
): readonly (string | undefined)[] {
  if (cursor === undefined) return [];
  const [, ...parts] = pattern.exec(decodeCursor(cursor)) ?? [];
  if (parts.length === 0) throw new InvalidCursorError('the cursor is none of this list');
  return parts;
}

/** The page of `limit` items out of what a query for one more found. */
export function toPage<Item>(
  found: readonly Item[],
  limit: number,
  cursorOf: (last: Item) => string,
): Page<Item> {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return found.length > limit && last !== undefined ? { data, nextCursor: cursorOf(last) } : { data };
}
