import { expect, it } from '@jest/globals';
import { FirstUse } from './first-use.js';

it('is made once for many uses, and again after a failed one', async () => {
  let made = 0;
  const table = new FirstUse(async () => void (made += 1));
  expect(await Promise.all([table.use(async () => 'a'), table.use(async () => 'b')])).toEqual(['a', 'b']);
  expect(made).toBe(1);
  await expect(table.use(() => Promise.reject(new Error('no table')))).rejects.toThrow('no table');
  await table.use(async () => undefined);
  expect(made).toBe(2);
});

it('is tried again when it could not be made, and nothing is done without it', async () => {
  let isAway = true;
  const table = new FirstUse(async () => {
    if (isAway) throw new Error('away');
  });
  let uses = 0;
  const use = () => table.use(async () => (uses += 1));
  await expect(use()).rejects.toThrow('away');
  isAway = false;
  expect(await use()).toBe(1);
});
