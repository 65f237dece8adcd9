import { expect, test } from '@jest/globals';
import { byteaArray, int8Array, textArray } from './binary-array.js';

test('an array is its type, its length and its items, each with its size', () => {
  expect(int8Array([-1n]).toString('hex')).toBe(
    '000000010000000000000014000000010000000100000008ffffffffffffffff',
  );
  expect(textArray(['é', '']).toString('hex')).toBe(
    '000000010000000000000019000000020000000100000002c3a900000000',
  );
});

test('bytes come through as they are', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(Uint8Array.from(byteaArray([bytes]).subarray(24))).toEqual(bytes);
});
