import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type OpenWorker, TemporalAwayError } from './open-worker.js';
import { SupervisedWorker } from './supervised-worker.js';
import type { Supervision } from './worker-host.js';

const patience = { lookEvery: 5, poll: 60, step: 30, end: 50 };
/** Jest limits the time. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(2);
}

const load = { activations: 0, activities: 0, localActivities: 0, cachedWorkflows: 0 };

/** A worker that polls until a test lets it die, or stops moving. */
class FakeWorker implements OpenWorker {
  isStuck = false;
  /** Whether it ends when it is told to. */
  doesEnd = true;
  isClosed = false;
  private isPolling = false;
  private end: (error?: Error) => void = () => undefined;
  private readonly ended = new Promise<void>((resolve, reject) => {
    this.end = (error) => (error ? reject(error) : resolve());
  });

  run(): Promise<void> {
    this.isPolling = true;
    return this.ended;
  }

  isRunning(): boolean {
    return this.isPolling;
  }

  shutdown(): void {
    this.isPolling = false;
    if (this.doesEnd) this.end();
  }

  finish(): void {
    this.end();
  }

  die(error: Error): void {
    this.isPolling = false;
    this.end(error);
  }

  load() {
    return load;
  }

  async look() {
    return {
      polledAt: this.isStuck ? 1 : Date.now(),
      activations: 0,
      isFull: false,
      finished: async () => 0,
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

let host: SupervisedWorker;
afterEach(() => host.shutdown());

/** Starts one. The opened workers are in `made`, each prepared by `prepare`. */
function supervise(
  supervision: Supervision,
  prepare: (worker: FakeWorker, index: number) => void = () => undefined,
) {
  const made: FakeWorker[] = [];
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  host = new SupervisedWorker({ taskQueue: 'account', logger, patience, ...supervision }, async () => {
    const worker = new FakeWorker();
    made.push(worker);
    prepare(worker, made.length - 1);
    return worker;
  });
  host.start();
  return { made, lines };
}

const runs = (count: number, made: readonly FakeWorker[]) =>
  until(() => made.length >= count && host.isRunning());

describe('a worker that dies', () => {
  it('is started again, and its failure is remembered', async () => {
    const { made } = supervise({});
    await runs(1, made);
    made[0]?.die(new Error('the thread has exited'));
    await runs(2, made);
    expect(host.status()).toMatchObject({
      state: 'running',
      restarts: 1,
      lastFailure: { reason: 'Error: the thread has exited' },
    });
    expect(made[0]?.isClosed).toBe(true);
  });

  it('over and over is given up after the restarts of its policy, with one line', async () => {
    const given: string[] = [];
    const { made, lines } = supervise({
      restart: { maxAttempts: 2, backoffMs: 1, windowMs: 60_000 },
      onGivenUp: ({ taskQueue }) => given.push(taskQueue),
    });
    for (const index of [0, 1, 2]) {
      await runs(index + 1, made);
      made[index]?.die(new Error('no memory'));
    }
    await until(() => host.status().state === 'failed');
    expect(given).toEqual(['account']);
    expect(made).toHaveLength(3);
    expect(lines.filter((line) => line === 'a worker has failed and stays down')).toHaveLength(1);
  });
});

it('without Temporal, a worker waits, and none of its restarts is used', async () => {
  let attempts = 0;
  const worker = new FakeWorker();
  const logger = pino({ level: 'silent' });
  const restart = { maxAttempts: 0, backoffMs: 1, windowMs: 60_000 };
  host = new SupervisedWorker({ taskQueue: 'account', logger, restart }, async () => {
    attempts += 1;
    if (attempts < 3) throw new TemporalAwayError('away');
    return worker;
  });
  host.start();
  await until(() => host.status().state === 'waiting');
  await until(() => host.isRunning());
  expect(host.status()).toMatchObject({ restarts: 0, state: 'running' });
});

describe('a worker that makes no progress', () => {
  it('is ended and started again', async () => {
    const { made } = supervise({}, (worker, index) => (worker.isStuck = index === 0));
    await runs(2, made);
    expect(made[0]?.isRunning()).toBe(false);
    expect(host.status()).toMatchObject({
      restarts: 1,
      lastFailure: { reason: 'it has not polled its task queue for 0.06 s' },
    });
  });

  it('counts against the policy', async () => {
    const given: string[] = [];
    supervise(
      {
        restart: { maxAttempts: 1, backoffMs: 1, windowMs: 60_000 },
        onGivenUp: ({ taskQueue }) => given.push(taskQueue),
      },
      (worker) => (worker.isStuck = true),
    );
    await until(() => given.length > 0);
    expect(host.status()).toMatchObject({ state: 'failed', restarts: 1 });
  });

  it('and does not end is given up at once: only the end of the process ends it', async () => {
    const given: string[] = [];
    const { made } = supervise({ onGivenUp: ({ taskQueue }) => given.push(taskQueue) }, (worker) => {
      worker.isStuck = true;
      worker.doesEnd = false;
    });
    await until(() => given.length > 0);
    expect(made).toHaveLength(1);
    expect(host.status().lastFailure?.reason).toMatch('and it does not end');
    made[0]?.finish();
  });
});

describe('a worker that is paused', () => {
  it('finishes what is under way, polls no more, and resumes', async () => {
    const { made } = supervise({}, (worker) => (worker.doesEnd = false));
    await runs(1, made);
    host.pause();
    expect(host.status().state).toBe('draining');
    made[0]?.finish();
    await until(() => host.status().state === 'paused');
    expect(made).toHaveLength(1);
    host.resume();
    await runs(2, made);
    expect(host.status()).toMatchObject({ state: 'running', restarts: 0 });
    made[1]?.finish();
  });

  it('before it has started stays so', async () => {
    const { made } = supervise({});
    host.pause();
    await until(() => host.status().state === 'paused');
    expect(made.some((worker) => worker.isRunning())).toBe(false);
  });
});
