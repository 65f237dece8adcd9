import { expect, it } from '@jest/globals';
import { errorMessage, errorText } from './error-text.js';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
const ofPostgres = (code: string, message: string) => Object.assign(new Error(message), { code });

it.each([
  ['what JSON cannot be', thrownBy(() => JSON.parse('nightjar'))],
  ['a text that is not a number', thrownBy(() => BigInt('nightjar'))],
  [
    'what a column cannot hold',
    ofPostgres('22P02', 'invalid input syntax for type bigint: "nightjar " and "nightjar"'),
  ],
  ['what is out of range', ofPostgres('22003', 'value "nightjar" is out of range for type integer')],
  ['the password in an address', new Error('cannot reach http://user:nightjar@host')],
])('an error does not repeat %s', (_, error) => {
  expect((error as Error).message).toContain('nightjar');
  expect(errorText(error)).not.toContain('nightjar');
});

it('names stay', () => {
  const error = ofPostgres('23502', 'null value in column "owner" violates a constraint');
  expect(errorText(error)).toBe('Error: null value in column "owner" violates a constraint');
  expect(errorText(new RangeError('too much'))).toBe('RangeError: too much');
  expect(errorText('no error')).toBe('no error');
});

it('a long message is cut', () => {
  expect(errorMessage(new Error('x'.repeat(10_000)))).toHaveLength(2_000);
});
