import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from './sha256.js';

function expected(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

it.each([0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 128, 40_000])('is SHA-256 for %i characters', (length) => {
  const text = 'é'.repeat(length % 7) + 'x'.repeat(length);
  expect(sha256(text)).toBe(expected(text));
  expect(sha256('x'.repeat(length))).toBe(expected('x'.repeat(length)));
});

it('is SHA-256 for any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => sha256(text) === expected(text)));
});
