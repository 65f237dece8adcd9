/** A moment as RFC 3339 in UTC with milliseconds, `2026-11-23T10:15:00.000Z`. Two of them compare as strings. */
export type Timestamp = string;

const LAST_MILLISECOND = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The timestamp of a count of milliseconds since 1970 (UTC). */
export function toTimestamp(epochMilliseconds: number): Timestamp {
  return new Date(Math.min(epochMilliseconds, LAST_MILLISECOND)).toISOString();
}

/** Milliseconds since 1970 (UTC) of a timestamp. */
export function toMilliseconds(timestamp: Timestamp): number {
  return Date.parse(timestamp);
}

/** The later of two timestamps. */
export function latest(a: Timestamp, b: Timestamp | undefined): Timestamp {
  return b === undefined || a >= b ? a : b;
}
