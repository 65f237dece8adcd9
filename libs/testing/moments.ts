import { type Timestamp, toTimestamp } from '#libs/core/timestamp.js';

// Ahead of any real clock, so that on a server no timer fires in the middle of a scenario with
// fixed times.
const EPOCH = Date.UTC(2100, 0, 1);

export const SECOND = 1;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The time `seconds` after the fixed start of every scenario. */
export function moment(seconds = 0): Timestamp {
  return toTimestamp(EPOCH + seconds * 1_000);
}
