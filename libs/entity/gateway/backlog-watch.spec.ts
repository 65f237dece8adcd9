import { describe, expect, it, jest } from '@jest/globals';
import { BacklogWatch, type RunSize } from './backlog-watch.js';
import { EntityBusyError } from './entity-gateway.js';
import { hotEntities } from './hot-entities.js';

const MEGABYTE = 1024 * 1024;

/** A watch over runs whose size the test sets. Counts how often it checks. */
function watch(size: RunSize | undefined) {
  const run = { size, looks: 0 };
  const backlog = new BacklogWatch(async () => {
    run.looks += 1;
    return run.size;
  });
  const admit = async (count: number, stream = 'account-default.alice') => {
    for (let index = 0; index < count; index += 1) await backlog.admit(stream);
  };
  return { run, admit };
}

describe('the watch over backlogs', () => {
  it('looks at a run now and then only', async () => {
    const { run, admit } = watch({ events: 4_500, bytes: 5 * MEGABYTE });
    await admit(100);
    expect(run.looks).toBe(4);
    for (let index = 0; index < 100; index += 1) await admit(1, `account-default.${index}`);
    expect(run.looks).toBe(4);
  });

  it.each<[string, RunSize]>([
    ['of many events', { events: 8_001, bytes: 0 }],
    ['of many bytes', { events: 10, bytes: 11 * MEGABYTE }],
  ])('lets nothing into a run %s, and looks each time until it has ended', async (_, size) => {
    const { run, admit } = watch(size);
    await admit(24);
    await expect(admit(1)).rejects.toThrow(EntityBusyError);
    await expect(admit(1)).rejects.toThrow(EntityBusyError);
    expect(run.looks).toBe(2);
    run.size = { events: 5, bytes: MEGABYTE };
    await admit(25);
    expect(run.looks).toBe(3);
  });

  it('remembers a hot entity until it has caught up, though nothing more is sent', async () => {
    jest.useFakeTimers();
    try {
      const stream = 'account-default.hot';
      const { run, admit } = watch({ events: 8_001, bytes: 0 });
      await expect(admit(25, stream)).rejects.toThrow(EntityBusyError);
      const noted = () => hotEntities.list().filter((one) => one.stream === stream);
      run.size = { events: 4_500, bytes: 0 };
      await jest.advanceTimersByTimeAsync(5_000);
      expect(noted()).toMatchObject([{ isRefused: false }]);
      run.size = { events: 10, bytes: 0 };
      await jest.advanceTimersByTimeAsync(5_000);
      expect(noted()).toEqual([]);
      const { looks } = run;
      await jest.advanceTimersByTimeAsync(60_000);
      expect(run.looks).toBe(looks);
    } finally {
      jest.useRealTimers();
    }
  });

  it('admits all where no run is open, or its size is unknown', async () => {
    const { admit } = watch(undefined);
    await admit(50);
    const blind = new BacklogWatch(() => Promise.reject(new Error('Temporal is away')));
    for (let index = 0; index < 50; index += 1) await blind.admit('account-default.alice');
  });
});
