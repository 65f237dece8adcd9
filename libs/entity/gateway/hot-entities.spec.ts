import { expect, it } from '@jest/globals';
import { HotEntities } from './hot-entities.js';

it('hot entities are remembered for five minutes, the latest 20', () => {
  let now = 0;
  const hot = new HotEntities(() => now);
  for (let number = 0; number < 30; number += 1) hot.note(`thing-default.${number}`, false);
  hot.note('thing-default.29', true);
  expect(hot.list()).toHaveLength(20);
  expect(hot.list().at(-1)).toMatchObject({ stream: 'thing-default.29', isRefused: true });
  now = 301_000;
  expect(hot.list()).toEqual([]);
});
