import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { ApiKeyUses } from './api-key-uses.js';

const logger = pino({ level: 'silent' });
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

let written: Record<string, Date>[];
let failure: Error | undefined;
let uses: ApiKeyUses;

beforeEach(() => {
  jest.useFakeTimers();
  written = [];
  failure = undefined;
  const noteUses = async (some: ReadonlyMap<string, Date>) => {
    if (failure) throw failure;
    written.push(Object.fromEntries(some));
  };
  uses = new ApiKeyUses({ store: { noteUses }, logger });
});
afterEach(() => void jest.useRealTimers());

it('are written together, the last of each key, twenty seconds after the first', async () => {
  for (let second = 0; second < 1_000; second += 1) uses.note('a', at(second));
  uses.note('b', at(5));
  await jest.advanceTimersByTimeAsync(19_999);
  expect(written).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(written).toEqual([{ a: at(999), b: at(5) }]);
});

it('are not written again', async () => {
  uses.note('a', at(0));
  await jest.advanceTimersByTimeAsync(60_000);
  await uses.close();
  expect(written).toHaveLength(1);
});

it('are written at the end', async () => {
  uses.note('a', at(0));
  await uses.close();
  expect(written).toEqual([{ a: at(0) }]);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(written).toHaveLength(1);
});

it('that could not be written are written with the next, unless the key was used again', async () => {
  failure = new Error('away');
  uses.note('a', at(0));
  uses.note('b', at(0));
  await jest.advanceTimersByTimeAsync(20_000);
  failure = undefined;
  uses.note('a', at(20));
  await jest.advanceTimersByTimeAsync(20_000);
  expect(written).toEqual([{ a: at(20), b: at(0) }]);
});

it('of more than 10,000 keys are left out', async () => {
  for (let key = 0; key < 10_001; key += 1) uses.note(`k${key}`, at(0));
  uses.note('k0', at(1));
  await uses.close();
  expect(Object.keys(written[0] ?? {})).toHaveLength(10_000);
  expect(written[0]?.['k0']).toEqual(at(1));
});
