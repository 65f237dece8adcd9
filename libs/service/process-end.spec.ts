import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { endInOrder, stopOnSignal } from '#libs/api/http/run-service.js';
import { EXIT_CODES, ProcessEnd } from './process-end.js';

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

it('an end by itself is as orderly as one by SIGTERM, with a code of its own', async () => {
  jest.useRealTimers();
  const closed: string[] = [];
  const exit = new Promise<unknown>((resolve) => {
    jest.spyOn(process, 'exit').mockImplementation(((code: unknown) => resolve(code)) as never);
  });
  jest.spyOn(process, 'kill').mockImplementation(() => {
    process.emit('SIGTERM', 'SIGTERM');
    return true;
  });
  // Those of the test runner would end it.
  process.removeAllListeners('SIGTERM');
  stopOnSignal([[{ close: async () => void closed.push('app') }]], pino({ level: 'silent' }));
  endInOrder(EXIT_CODES.failed);
  expect(await exit).toBe(70);
  expect(closed).toEqual(['app']);
  process.exitCode = undefined;
  process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
  jest.restoreAllMocks();
});
