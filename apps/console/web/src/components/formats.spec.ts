import { expect, it } from '@jest/globals';
import { csvOf } from './export.js';
import { money } from './money.js';
import { relative } from './durations.js';

it('money has the form of its currency, to the last unit', () => {
  const plain = (text: string | undefined) => text?.replaceAll(/\s/g, ' ');
  expect(plain(money(2_500, 'EUR'))).toBe('EUR 25.00');
  expect(plain(money(-5, 'EUR'))).toBe('-EUR 0.05');
  expect(plain(money(2_500, 'JPY'))).toBe('JPY 2,500');
  expect(plain(money(1_234, 'KWD'))).toBe('KWD 1.234');
  expect(plain(money(Number.MAX_SAFE_INTEGER, 'USD'))).toBe('USD 90,071,992,547,409.91');
  expect(money(1, 'no currency')).toBeUndefined();
});

it('what is to come is told more exactly than what is past', () => {
  const minute = 60_000;
  expect(relative(0, 118 * minute)).toBe('1 h ago');
  expect(relative(118 * minute, 0)).toBe('in 1 h 58 min');
  expect(relative(500, 0)).toBe('just now');
});

it('CSV quotes what needs it, and holds no formula', () => {
  const rows = [
    { id: 'a,"b"', note: '=1+1' },
    { id: 'c', amount: -5, open: true },
  ];
  expect(csvOf(rows)).toBe('id,note,amount,open\r\n"a,""b""",\'=1+1,,\r\nc,,-5,true\r\n');
});
