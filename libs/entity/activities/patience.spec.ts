import { afterEach, expect, it, jest } from '@jest/globals';
import { Patience } from './patience.js';

afterEach(() => void jest.restoreAllMocks());

it('a server that did not answer in time is asked no more, even if the timer was early', async () => {
  let asked = 0;
  const ask = () => {
    asked += 1;
    return new Promise<never>(() => undefined);
  };
  // Timers count whole milliseconds, so they may fire a part of one too early.
  jest.spyOn(performance, 'now').mockReturnValueOnce(1_000.9).mockReturnValueOnce(1_500.1);
  const patience = new Patience();
  expect(await patience.answerTo(ask)).toBeUndefined();
  expect(await patience.answerTo(ask)).toBeUndefined();
  expect(asked).toBe(1);
});

it('questions share the time, and one that fails or is answered uses up only its own', async () => {
  const patience = new Patience();
  expect(await patience.answerTo(async () => 1)).toBe(1);
  expect(await patience.answerTo(() => Promise.reject(new Error('no')))).toBeUndefined();
  expect(await patience.answerTo(async () => 2)).toBe(2);
});
