import { expect, test } from '@jest/globals';
import { FoldCache } from './fold-cache.js';

const fold = (revision: number) => ({ revision, stateVersion: 1, state: {} });

test('folds that were set last stay, as many as the bound allows', () => {
  const cache = new FoldCache(3_000);
  cache.set('a', fold(0), 600);
  cache.set('b', fold(0), 600);
  cache.set('a', fold(1), 600);
  cache.set('c', fold(0), 600);
  cache.set('d', fold(0), 600);
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')).toEqual(fold(1));
  expect(cache.get('d')).toEqual(fold(0));
});

test('a fold beyond the bound is not held', () => {
  const cache = new FoldCache(1_000);
  cache.set('a', fold(0), 5_000);
  expect(cache.get('a')).toBeUndefined();
});
