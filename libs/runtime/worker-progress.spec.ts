import { beforeEach, describe, expect, it } from '@jest/globals';
import { WorkerProgress, type WorkerSample } from './worker-progress.js';

const patience = { lookEvery: 10, poll: 150, step: 60, end: 1 };

let now: number;
let progress: WorkerProgress;
beforeEach(() => {
  now = 0;
  progress = new WorkerProgress(patience, () => now);
});

const quiet: WorkerSample = { polledAt: 1, activations: 0, isFull: false, finished: async () => 0 };

/** Looks every ten, until the time. Returns the last answer. */
async function until(time: number, sample: (now: number) => Partial<WorkerSample>) {
  let reason: string | undefined;
  while (now < time && reason === undefined) {
    now += 10;
    reason = await progress.look({ ...quiet, ...sample(now) });
  }
  return reason;
}

describe('a worker is stuck', () => {
  it('when Temporal sees no poll of it any more, and it finishes nothing', async () => {
    expect(await until(1_000, (at) => ({ polledAt: Math.min(at, 200) }))).toBe(
      'it has not polled its task queue for 0.15 s',
    );
    // The first count, after half of the time, could have been of new tasks.
    expect(now).toBe(440);
  });

  it('when its workflow thread keeps steps and finishes none, though it polls', async () => {
    const reason = await until(1_000, (at) => ({ polledAt: at, activations: at < 100 ? 0 : 3 }));
    expect(reason).toBe('its workflow thread has finished no step for 0.06 s');
    expect(now).toBeLessThan(190);
  });
});

describe('a worker is not stuck', () => {
  it.each<[string, (now: number) => Partial<WorkerSample>]>([
    ['polls each minute', (at) => ({ polledAt: at - (at % 60) })],
    ['is slow and finishes tasks', (at) => ({ activations: 16, finished: async () => Math.floor(at / 50) })],
    ['handles as many activities as it may', () => ({ isFull: true })],
    ['has a step under way at each look', (at) => ({ activations: 1, finished: async () => at })],
    ['cannot be seen because Temporal is away', () => ({ polledAt: undefined, activations: 5 })],
  ])('that %s', async (_, sample) => {
    expect(await until(2_000, sample)).toBeUndefined();
  });

  it('because its process stood still', async () => {
    await until(100, (at) => ({ polledAt: at, activations: 1 }));
    now += 100_000;
    expect(await progress.look({ ...quiet, polledAt: 100, activations: 1 })).toBeUndefined();
    now += 10;
    expect(await progress.look({ ...quiet, polledAt: now, activations: 0 })).toBeUndefined();
  });

  it('after an outage of Temporal, until it had its time again', async () => {
    await until(100, (at) => ({ polledAt: at }));
    await until(5_000, () => ({ polledAt: undefined }));
    expect(await until(5_100, () => ({ polledAt: 100 }))).toBeUndefined();
    expect(await until(6_000, () => ({ polledAt: 100 }))).toBe('it has not polled its task queue for 0.15 s');
  });

  it('and is not counted while nothing is in doubt', async () => {
    let counted = 0;
    await until(2_000, (at) => ({ polledAt: at, finished: async () => (counted += 1) }));
    expect(counted).toBe(0);
  });
});
