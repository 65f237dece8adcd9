import { describe, expect, it } from '@jest/globals';
import { HangWatch } from './hang-watch.js';

/** A watch that is looked at every second. */
function watching() {
  let [now, hangs] = [0, 0];
  const watch = new HangWatch(
    3_000,
    () => (hangs += 1),
    () => now,
  );
  const pass = (seconds: number): number => {
    for (let second = 0; second < seconds; second += 1) {
      now += 1_000;
      watch.look();
    }
    return hangs;
  };
  const freeze = (seconds: number): void => void (now += seconds * 1_000);
  return { watch, pass, freeze };
}

function work() {
  let end!: () => void;
  const done = new Promise<void>((resolve) => (end = resolve));
  return { done, end };
}

describe('the watch over a thread', () => {
  it('notices work that is never answered', () => {
    const { watch, pass } = watching();
    void watch.during(work().done);
    expect(pass(2)).toBe(0);
    expect(pass(1)).toBe(1);
  });

  it('lets work wait behind other work, as long as any is answered, and rests without any', async () => {
    const { watch, pass } = watching();
    const [first, second] = [work(), work()];
    const ends = [watch.during(first.done), watch.during(second.done)] as const;
    pass(2);
    first.end();
    await ends[0];
    expect(pass(2)).toBe(0);
    second.end();
    await ends[1];
    expect(pass(10)).toBe(0);
  });

  it('counts no time in which it could not look itself', () => {
    const { watch, pass, freeze } = watching();
    void watch.during(work().done);
    freeze(60);
    expect(pass(3)).toBe(0);
    expect(pass(1)).toBe(1);
  });
});
