import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { FoldCache } from './fold-cache.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const fold = (revision: number, state: JsonObject = {}) => ({ revision, stateVersion: 1, state });
const text = (length: number): JsonObject => ({ text: 'x'.repeat(length) });

test('folds that were set last stay, as many as the limit allows', () => {
  const cache = new FoldCache(4_000);
  cache.set('a', fold(0, text(600)));
  cache.set('b', fold(0, text(600)));
  cache.set('a', fold(1, text(600)));
  cache.set('c', fold(0, text(600)));
  cache.set('d', fold(0, text(600)));
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')).toEqual(fold(1, text(600)));
  expect(cache.get('d')).toEqual(fold(0, text(600)));
  expect(cache.held()).toMatchObject({ entries: 3, maxBytes: 4_000, evicted: 1 });
});

test('a fold beyond the limit is not held', () => {
  const cache = new FoldCache(4_000);
  cache.set('a', fold(0, text(5_000)));
  expect(cache.get('a')).toBeUndefined();
  expect(cache.held()).toEqual({ entries: 0, bytes: 0, maxBytes: 4_000, evicted: 1 });
});

test('large folds take no more of the heap than the limit', () => {
  const maxBytes = 8 * 1024 * 1024;
  const cache = new FoldCache(maxBytes);
  const reservations = Array.from({ length: 1_000 }, (_, n) => [`r-${n}`, { quantity: n, status: 'ended' }]);
  const json = JSON.stringify(Object.fromEntries(reservations));
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 300; n++) cache.set(`item-${n}`, fold(n, JSON.parse(json) as JsonObject));
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1.1 * maxBytes);
  expect(cache.held().bytes).toBeLessThanOrEqual(maxBytes);
  expect(cache.held().bytes).toBeGreaterThan(0.9 * maxBytes);
  expect(cache.held().entries + cache.held().evicted).toBe(300);
});
