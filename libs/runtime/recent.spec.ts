import { expect, it } from '@jest/globals';
import { RecentCount, RecentTimes } from './recent.js';

it('a recent count is that of the last minute, or since the start', () => {
  let now = 0;
  const count = new RecentCount(() => now);
  count.add(10);
  now = 10_000;
  expect(count.perSecond()).toBe(1);
  now = 59_000;
  count.add(60);
  now = 100_000;
  expect(count.perSecond()).toBe(1);
  now = 200_000;
  expect(count.perSecond()).toBe(0);
});

it('recent times are those of the last minute', () => {
  let now = 0;
  const times = new RecentTimes(() => now);
  expect(times.summary()).toBeUndefined();
  for (let milliseconds = 1; milliseconds <= 100; milliseconds += 1) times.add(milliseconds);
  expect(times.summary()).toEqual({ count: 100, p50: 50, p95: 95, p99: 99 });
  now = 61_000;
  expect(times.summary()).toBeUndefined();
});
