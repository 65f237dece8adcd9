import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { ProcessEnd } from './process-end.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('a process turns unready first, and ends some seconds later with the first code', async () => {
  const codes: number[] = [];
  const end = new ProcessEnd((code) => codes.push(code));
  expect(await end.check.check()).toEqual({ ok: true });
  end.announce('the worker of account has failed', 70);
  end.announce('too much memory', 75);
  expect(await end.check.check()).toEqual({ ok: false, detail: 'the worker of account has failed' });
  jest.advanceTimersByTime(4_000);
  expect(codes).toEqual([]);
  jest.advanceTimersByTime(60_000);
  expect(codes).toEqual([70]);
});

it('a drained process is unready until it is resumed', async () => {
  const end = new ProcessEnd(() => undefined);
  end.drain(true);
  expect(await end.check.check()).toEqual({ ok: false, detail: 'it is drained' });
  end.drain(false);
  expect(await end.check.check()).toEqual({ ok: true });
});
