import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProblemError } from '#libs/core/problem-error.js';
import { parseStrictJson } from './strict-json.js';

/** The detail that a client receives for a refused text. */
function refusal(text: string): string {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'REQUEST.MALFORMED_JSON') return error.detail;
    throw error;
  }
  return 'accepted';
}

describe('strict JSON', () => {
  it('reads what JSON.parse reads', () => {
    const forbidden = /__proto__|constructor|prototype/;
    const values = fc
      .jsonValue({ stringUnit: 'grapheme' })
      .filter((value) => !forbidden.test(JSON.stringify(value)));
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['a key twice', '{"amount":1,"amount":2}', 'the key amount occurs twice'],
    ['a key twice, once escaped', '{"amount":1,"\\u0061mount":2}', 'the key amount occurs twice'],
    ['a key that reaches a prototype', '{"__proto__":{"x":1}}', 'the key __proto__ is not allowed'],
    ['the same, escaped', '{"__pr\\u006fto__":1}', 'the key __proto__ is not allowed'],
    ['an integer beyond 2^53', '9007199254740993', 'would be changed by reading it'],
    ['a fraction that would vanish', '1.00000000000000000001', 'would be changed by reading it'],
    ['minus zero', '[-0]', 'would be changed by reading it'],
    ['an infinite number', '1e309', 'would be changed by reading it'],
    ['NaN', '{"amount":NaN}', 'expected a value'],
    ['a leading zero', '01', 'unexpected text'],
    ['a lone surrogate', '"\\ud800"', 'lone surrogate'],
    ['two high surrogates', '"\\ud83d\\ud83d\\ude00"', 'lone surrogate'],
    ['a raw control character', '"a\u0000"', 'expected a string'],
    ['single quotes', "{'a':1}", 'expected a string'],
    ['a comment', '{"a":1/* */}', 'expected a comma'],
    ['a comma too many', '[1,]', 'expected a value'],
    ['a text that ends early', '{"a":1', 'expected a comma'],
    ['something behind the value', '{} {}', 'unexpected text'],
    ['nothing', '', 'expected a value'],
  ])('refuses %s', (_, text, detail) => expect(refusal(text)).toContain(detail));

  it('takes a pair of surrogates', () => {
    expect(parseStrictJson('"\\ud83d\\ude00"')).toBe('😀');
  });

  it.each([
    ['arrays', '['],
    ['objects', '{"a":'],
  ])('refuses a million nested %s without falling over', (_, open) => {
    expect(refusal(open.repeat(1_000_000))).toContain('nested deeper than 32');
  });

  it('quotes only the start of what is wrong', () => {
    expect(refusal(`1${'0'.repeat(60_000)}1`).length).toBeLessThan(150);
    expect(refusal(`{"${'k'.repeat(30_000)}":1,"${'k'.repeat(30_000)}":2}`).length).toBeLessThan(150);
  });

  it('cuts no pair of surrogates in two when it quotes', () => {
    const key = `${'k'.repeat(39)}😀`;
    expect(refusal(`{"${key}":1,"${key}":2}`)).toContain(`the key ${'k'.repeat(39)}… occurs twice`);
  });

  it('reads a string as long as a body may be', () => {
    const text = JSON.stringify('\\"é'.repeat(16_000));
    expect(parseStrictJson(text)).toBe(JSON.parse(text));
  });
});
