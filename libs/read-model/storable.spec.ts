import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isStorable, storableJson, storableText } from './storable.js';

const cases: readonly [string, string][] = [
  ['no stock', 'no stock'],
  ['a\0b', 'a\ufffdb'],
  ['half \ud83d', 'half \ufffd'],
  ['\ude00 the other', '\ufffd the other'],
  ['both 😀', 'both 😀'],
  ['in words: \\u0000 \\ud83d', 'in words: \\u0000 \\ud83d'],
  ['other \u0001 "escapes"\n\\', 'other \u0001 "escapes"\n\\'],
];

describe('what PostgreSQL can store', () => {
  it.each(cases)('of the text %j is %j', (text, held) => {
    expect(storableText(text)).toBe(held);
    expect(JSON.parse(storableJson({ [text]: [text] }))).toEqual({ [held]: [held] });
  });

  it('is the same in a text as in JSON, and unchanged if it can be stored', () => {
    const unit = fc.oneof(
      fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('\\', '\0', 'u', '\ud83d', '\ude00', '0'),
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const held = storableText(text);
        expect(JSON.parse(storableJson(text))).toBe(held);
        expect(storableText(held)).toBe(held);
        expect(isStorable(held)).toBe(true);
        expect(isStorable(text)).toBe(text === held);
      }),
    );
  });
});
