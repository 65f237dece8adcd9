import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { within, withinOrFail } from './within.js';

const never = new Promise<never>(() => undefined);

it('is the answer, or its failure, when that comes first', async () => {
  const late = new Error('late');
  expect(await within(Promise.resolve(1), 60_000, () => 2)).toBe(1);
  expect(await withinOrFail(Promise.resolve(1), 60_000, late)).toBe(1);
  await expect(withinOrFail(Promise.reject(new Error('no')), 60_000, late)).rejects.toThrow('no');
});

it('is the given value if the answer is late', async () => {
  expect(await within(never, 1, () => 2)).toBe(2);
  await expect(withinOrFail(never, 1, new Error('late'))).rejects.toThrow('late');
});

it('ignores the failure of a late answer', async () => {
  const unheard: unknown[] = [];
  const hear = (error: unknown) => unheard.push(error);
  process.on('unhandledRejection', hear);
  let fail!: (error: Error) => void;
  const answer = new Promise<never>((_, reject) => (fail = reject));
  expect(await within(answer, 1, () => 2)).toBe(2);
  fail(new Error('too late to matter'));
  await pause(1);
  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
});
