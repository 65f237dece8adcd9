import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { watchMemory } from './memory-watch.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** What is reported while the memory is as given, one look after the other. */
function reported(looks: readonly number[]): readonly number[] {
  const left = [...looks];
  const found: number[] = [];
  const watch = watchMemory(100, (bytes) => found.push(bytes), { residentBytes: () => left.shift() ?? 0 });
  jest.advanceTimersByTime(5_000 * looks.length);
  watch.close();
  return found;
}

it('a process is beyond its limit after three looks in a row, and this is said once', () => {
  expect(reported([101, 102, 103, 104, 105, 106, 107])).toEqual([103]);
});

it('a peak between two collections of garbage is none', () => {
  expect(reported([101, 102, 100, 500, 500, 99, 101, 101])).toEqual([]);
});
