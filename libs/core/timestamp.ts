/**
 * A time as RFC 3339 in UTC with milliseconds: `2026-11-23T10:15:00.000Z`. Timestamps compare as
 * strings.
 */
export type Timestamp = string;

/** There is no year 0; only some programs have one. */
const FIRST_YEAR = '0001';
const LAST_MILLISECOND = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Whether a text is a timestamp of a real calendar day in the years 1 to 9999. */
export function isTimestamp(text: string): boolean {
  const milliseconds = Date.parse(text);
  const isMoment = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === text;
  return isMoment && text >= FIRST_YEAR && milliseconds <= LAST_MILLISECOND;
}

/** The timestamp for a number of milliseconds since 1970 (UTC). */
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
