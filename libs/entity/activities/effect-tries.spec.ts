import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { EffectResult } from '#libs/entity/protocol/activity-messages.js';
import { EffectTries } from './effect-tries.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const after = (milliseconds: number) => () =>
  new Promise<EffectResult>((resolve) => void setTimeout(() => resolve({}), milliseconds));

/** Tries an effect that takes this long, and returns what came of it. */
async function trying(tries: EffectTries, milliseconds: number) {
  const tried = tries.try(after(milliseconds));
  await jest.advanceTimersByTimeAsync(milliseconds);
  return tried;
}

it('an effect that is done soon has its result', async () => {
  expect(await trying(new EffectTries(), 20)).toEqual({ result: {} });
});

it('a slow one says so, so that its workflow task ends soon', async () => {
  expect(await trying(new EffectTries(), 100)).toEqual({ result: {}, wasSlow: true });
});

it('one that fails has been tried, and has no result', async () => {
  const tries = new EffectTries();
  expect(await tries.try(() => Promise.reject(new Error('away')))).toEqual({ wasTried: true });
  expect(await trying(tries, 20)).toEqual({ result: {} });
});

it('one that takes too long is not waited for, and nothing is tried for a second after it', async () => {
  const tries = new EffectTries();
  expect(await trying(tries, 250)).toEqual({ wasTried: true });
  const run = jest.fn(after(0));
  expect(await tries.try(run)).toEqual({});
  expect(run).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await trying(tries, 20)).toEqual({ result: {} });
});

it('no more than the limit are tried at a time', async () => {
  const tries = new EffectTries(2);
  const both = [tries.try(after(20)), tries.try(after(20))];
  const third = jest.fn(after(20));
  expect(await tries.try(third)).toEqual({});
  expect(third).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(20);
  expect(await Promise.all(both)).toEqual([{ result: {} }, { result: {} }]);
  expect(await trying(tries, 20)).toEqual({ result: {} });
});
