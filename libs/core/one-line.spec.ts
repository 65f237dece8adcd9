import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { text } from '#contracts/fields.js';
import { oneLine } from './one-line.js';

const anyText = fc.string({ unit: fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit)) });

describe('a text from elsewhere, as one line', () => {
  it.each([
    ['stays as it is', 'no stock', 'no stock'],
    ['ends before a pair that has no room', 'abcdefg😀', 'abcdefg'],
    ['keeps a pair that has', 'abcdef😀', 'abcdef😀'],
    ['is cut at its length', 'abcdefghi', 'abcdefgh'],
    ['has a space for control characters', ' a\r\n\0b\u0085', 'a b'],
    ['has U+FFFD for half a pair', 'a\ud83d\ude00\ud83d', 'a😀\ufffd'],
    ['may be empty', '\n', ''],
  ])('%s', (_, given, line) => {
    expect(oneLine(given, 8)).toBe(line);
  });

  it('is taken by every contract', () =>
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 20 }), (given, max) => {
        const line = oneLine(`a${given}`, max);
        expect(text(max).safeParse(line).success).toBe(true);
      }),
    ));
});
