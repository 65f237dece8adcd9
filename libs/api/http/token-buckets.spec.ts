import { beforeEach, expect, it } from '@jest/globals';
import { TokenBuckets } from './token-buckets.js';

let milliseconds: number;
let dropped: number;
let buckets: TokenBuckets;
beforeEach(() => {
  milliseconds = 0;
  dropped = 0;
  const size = { perSecond: 10, burst: 3 };
  buckets = new TokenBuckets(
    size,
    2,
    () => (dropped += 1),
    () => milliseconds,
  );
});

const takeAll = (key: string) => [1, 2, 3, 4].map(() => buckets.take(key));

it('a burst may be taken at once, and each key has its own', () => {
  expect(takeAll('alice')).toEqual([true, true, true, false]);
  expect(takeAll('bob')).toEqual([true, true, true, false]);
});

it('a bucket fills at its rate, and never beyond the burst', () => {
  takeAll('alice');
  milliseconds += 99;
  expect(buckets.take('alice')).toBe(false);
  milliseconds += 1;
  expect([buckets.left('alice'), buckets.take('alice'), buckets.take('alice')]).toEqual([1, true, false]);
  milliseconds += 60_000;
  expect(buckets.left('alice')).toBe(3);
});

it('the key that was used least recently is dropped for a new one', () => {
  takeAll('alice');
  takeAll('bob');
  buckets.take('alice');
  buckets.take('carol');
  expect(dropped).toBe(1);
  expect([buckets.left('alice'), buckets.left('bob'), buckets.left('carol')]).toEqual([0, 3, 2]);
});
