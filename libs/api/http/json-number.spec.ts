import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isExactNumber } from './json-number.js';

describe('a JSON number', () => {
  it.each([
    '0',
    '1',
    '-1',
    '1250',
    '1.5',
    '0.10',
    '1e3',
    '1E+3',
    '12.50e2',
    '9007199254740991',
    '5e-324',
    '0e999',
  ])('%s is read unchanged', (text) => expect(isExactNumber(text)).toBe(true));

  it.each([
    '-0',
    '-0.0',
    '1e309',
    '9007199254740993',
    '9007199254740993.0',
    '9007199254740991.4',
    '1.00000000000000000001',
    '0.99999999999999999999',
    '1e-400',
  ])('%s would be changed by reading it', (text) => expect(isExactNumber(text)).toBe(false));

  it('of any double, as JavaScript prints it, is exact', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isExactNumber(String(value))).toBe(true);
      }),
    );
  });

  it('of 640 KB is looked at in linear time', () => {
    // The time of this process: other programs may need the processor, too.
    const started = process.cpuUsage();
    expect(isExactNumber(`1${'0'.repeat(320_000)}${'1'.repeat(320_000)}`)).toBe(false);
    expect(isExactNumber(`0.${'0'.repeat(640_000)}1`)).toBe(false);
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });
});
