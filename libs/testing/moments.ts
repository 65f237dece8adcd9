import { type Timestamp, toTimestamp } from '#libs/core/timestamp.js';

// Ahead of every real clock: on a server no timer rings in the middle of a sentence whose times are written down.
const EPOCH = Date.UTC(2100, 0, 1);

export const SECOND = 1;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The moment `seconds` after the fixed time at which every scenario begins. */
export function moment(seconds = 0): Timestamp {
  return toTimestamp(EPOCH + seconds * 1_000);
}
