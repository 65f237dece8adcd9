import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

/** Work with a duration, on a simulated clock. */
function clock() {
  let time = 1_000;
  const pace = new Pace(16, () => time);
  const work = (milliseconds: number) => pace.run(async () => void (time += milliseconds));
  return { pace, work };
}

describe('the pace', () => {
  it('rises while work is quick, up to the most that was asked for', async () => {
    const { pace, work } = clock();
    expect(pace.width).toBe(4);
    for (let count = 0; count < 12; count += 1) await work(500);
    expect(pace.width).toBe(16);
  });

  it('halves when work becomes slow', async () => {
    const { pace, work } = clock();
    for (let count = 0; count < 500; count += 1) await work(500);
    await work(9_000);
    expect(pace.width).toBe(8);
    for (let count = 0; count < 12; count += 1) await work(500);
    expect(pace.width).toBe(9);
  });

  it('never stops', async () => {
    const { pace, work } = clock();
    await work(100);
    for (let count = 0; count < 20; count += 1) await work(60_000);
    expect(pace.width).toBe(1);
  });

  it('lets no more begin than it says', async () => {
    const pace = new Pace(2);
    let [underWay, most] = [0, 0];
    const work = async (): Promise<void> => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => pace.run(work)));
    expect(most).toBe(2);
  });
});
