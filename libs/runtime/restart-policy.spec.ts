import { expect, it } from '@jest/globals';
import { Restarts } from './restart-policy.js';

it('without a policy, pauses grow until the process has run for a minute, and restarts never end', () => {
  const restarts = new Restarts(undefined);
  const pauses = Array.from({ length: 9 }, () => restarts.pauseAfter(1_000));
  expect(pauses).toEqual([100, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000]);
  expect(restarts.pauseAfter(60_001)).toBe(100);
});

it('with a policy, a process stays down after the attempts within the window', () => {
  let now = 0;
  const restarts = new Restarts({ maxAttempts: 3, backoffMs: 500, windowMs: 60_000 }, () => now);
  const pauseAt = (time: number) => {
    now = time;
    return restarts.pauseAfter(1);
  };
  expect([0, 1_000, 2_000].map(pauseAt)).toEqual([500, 1_000, 2_000]);
  expect(pauseAt(59_999)).toBeUndefined();
  expect(pauseAt(60_000)).toBe(2_000);
  expect(pauseAt(60_001)).toBeUndefined();
  expect(pauseAt(200_000)).toBe(500);
});

it('a pause grows to half a minute, unless the first is longer', () => {
  const policy = { maxAttempts: 10, windowMs: 600_000 };
  const restarts = (backoffMs: number) => {
    const one = new Restarts({ ...policy, backoffMs }, () => 0);
    return Array.from({ length: 4 }, () => one.pauseAfter(0));
  };
  expect(restarts(10_000)).toEqual([10_000, 20_000, 30_000, 30_000]);
  expect(restarts(45_000)).toEqual([45_000, 45_000, 45_000, 45_000]);
});
