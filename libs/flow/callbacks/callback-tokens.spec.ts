import { describe, expect, it } from '@jest/globals';
import { toTimestamp } from '#libs/core/timestamp.js';
import { CallbackTokens } from './callback-tokens.js';

const secrets = ['one', 'two', 'three'].map((name) => `${name} `.repeat(10)) as [string, string, string];
const [one, two, three] = secrets;
const address = {
  place: 'fulfilment-default.o-1/each/ä b%2Fc/delivered#2',
  until: toTimestamp(1_796_000_000_123),
};

describe('a token of a callback address', () => {
  it('says what it belongs to', () => {
    const tokens = new CallbackTokens([one]);
    expect(tokens.read(tokens.sign(address))).toEqual(address);
    expect(tokens.sign(address)).toMatch(/^[\w.-]+$/);
  });

  it('is made with the first secret, and is still one of ours once that is the second', () => {
    const token = new CallbackTokens([one]).sign(address);
    expect(new CallbackTokens([two, one]).read(token)).toEqual(address);
    expect(new CallbackTokens([three, two]).read(token)).toBeUndefined();
    expect(new CallbackTokens([two, one]).sign(address)).toBe(new CallbackTokens([two]).sign(address));
  });

  it('cannot be changed', () => {
    const tokens = new CallbackTokens([one]);
    const token = tokens.sign(address);
    const dot = token.indexOf('.');
    const texts = token.split('').flatMap((character, index) => {
      if (index === dot) return [];
      // The last character of a text in base64 has bits that do not count.
      if (index === token.length - 1 || index === dot - 1) return [];
      return [`${token.slice(0, index)}${character === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`];
    });
    expect(texts.length).toBeGreaterThan(80);
    for (const text of [...texts, '', '.', `${token}A`, token.slice(0, -1), `x${token}`]) {
      expect(tokens.read(text)).toBeUndefined();
    }
  });
});
