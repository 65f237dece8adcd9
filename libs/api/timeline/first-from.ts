import type { Timestamp } from '#libs/core/timestamp.js';

/**
 * The first revision with an event at a time or later; one more than the last if there is none.
 * Times never decrease along a stream, so a stream of 100,000 events is asked 17 times.
 */
export async function firstFrom(
  time: Timestamp,
  last: number,
  at: (revision: number) => Promise<Timestamp>,
): Promise<number> {
  let low = 0;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await at(middle)) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
