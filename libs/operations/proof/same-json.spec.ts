import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { Json } from '#libs/core/json.js';
import { Pace, TAKING_TURNS } from './pace.js';
import { isSameJson } from './same-json.js';

const isSame = (one: Json, other: Json) => isSameJson(one, other, new Pace(TAKING_TURNS));

test('two values are the same when their canonical JSON is', async () => {
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
  await fc.assert(
    fc.asyncProperty(json, json, async (one, other) => {
      expect(await isSame(one, other)).toBe(canonicalJson(one) === canonicalJson(other));
      expect(await isSame(one, JSON.parse(JSON.stringify(one)) as Json)).toBe(true);
      expect(await isSame({ a: one, b: other }, { b: other, a: one })).toBe(true);
      expect(await isSame([one, { a: other }], [one, { a: [other] }])).toBe(false);
    }),
  );
  expect(await isSame({ a: 1, b: undefined as never }, { a: 1 })).toBe(true);
  expect(await isSame({ a: null }, {})).toBe(false);
  expect(await isSame([], {})).toBe(false);
});

test('a large one is compared in pieces', async () => {
  const large = () => Array.from({ length: 10_000 }, (_, n) => ({ id: `r-${n}`, quantity: n }));
  let time = 0;
  let rests = 0;
  // Each reading of the clock ends a piece.
  const clock = { now: () => (time += 10), rest: () => turn(++rests) };
  expect(await isSameJson(large(), large(), new Pace(clock))).toBe(true);
  expect(rests).toBeGreaterThan(50);
});
