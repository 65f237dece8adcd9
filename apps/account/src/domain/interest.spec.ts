import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { InterestTerms } from '../flows/interest-run.flow.js';
import { monthBefore, MonthlyInterest } from './interest.js';

const terms = (rateBasisPoints: number, dayCount: InterestTerms['dayCount'] = 'actual/365') => {
  return { rateBasisPoints, dayCount };
};

type Change = readonly [at: string, balance: number];

function interestOf(month: string, of: InterestTerms, changes: readonly Change[]): number {
  const interest = new MonthlyInterest(month, of);
  for (const [at, balance] of changes) interest.change(at, balance);
  return interest.total();
}

describe('the month before', () => {
  it.each([
    ['2026-11-30T23:59:59.999Z', '2026-10'],
    ['2026-12-01T03:00:00.000Z', '2026-11'],
    ['2027-01-01T00:00:00.000Z', '2026-12'],
    ['2028-03-31T12:00:00.000Z', '2028-02'],
  ])('%s is %s', (time, month) => expect(monthBefore(time)).toBe(month));
});

describe('the interest of a month', () => {
  // 3.65 % of a year of 365 days is 0.01 % a day.
  const daily = terms(365);
  const before: Change = ['2026-01-01T00:00:00.000Z', 1_000_000];

  it.each<[string, string, InterestTerms, readonly Change[], number]>([
    ['counts the days of the month', '2026-10', daily, [before], 3_100],
    ['counts those of a leap year', '2028-02', daily, [before], 2_900],
    ['is none without money', '2026-10', daily, [], 0],
    [
      'takes the balance at the end of a day',
      '2026-10',
      daily,
      [['2026-10-31T23:59:59.999Z', 1_000_000]],
      100,
    ],
    ['gives midnight to the new day', '2026-10', daily, [before, ['2026-10-31T00:00:00.000Z', 0]], 3_000],
    [
      'ignores what is gone by evening',
      '2026-10',
      daily,
      [
        ['2026-10-05T08:00:00.000Z', 1_000_000],
        ['2026-10-05T18:00:00.000Z', 0],
      ],
      0,
    ],
    ['ends with the month', '2026-10', daily, [before, ['2026-11-01T00:00:00.000Z', 9_000_000]], 3_100],
    ['has a year of 360 days', '2026-10', terms(360, 'actual/360'), [before], 3_100],
    ['has a year of 366 days', '2028-02', terms(366, 'actual/actual'), [before], 2_900],
    ['has a year of 365 days', '2026-02', terms(365, 'actual/actual'), [before], 2_800],
    ['rounds a half down to even', '2026-10', daily, [['2026-10-31T00:00:00.000Z', 5_000]], 0],
    ['rounds a half up to even', '2026-10', daily, [['2026-10-31T00:00:00.000Z', 15_000]], 2],
    ['rounds down below a half', '2026-10', daily, [['2026-10-31T00:00:00.000Z', 14_999]], 1],
    [
      'is exact for the largest balance',
      '2026-10',
      terms(10_000),
      [['2026-10-01T00:00:00.000Z', Number.MAX_SAFE_INTEGER]],
      764_995_005_197_180,
    ],
  ])('%s', (_, month, of, changes, amount) => expect(interestOf(month, of, changes)).toBe(amount));

  it('is that of each day added up, and rounded once', () => {
    const time = fc.date({ min: new Date('2026-08-01'), max: new Date('2026-12-01'), noInvalidDate: true });
    const change = fc.tuple(time, fc.integer({ min: 0, max: 1_000_000_000 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.integer({ min: 1, max: 10_000 }), (drawn, rate) => {
        const changes = drawn
          .map(([at, balance]): Change => [at.toISOString(), balance])
          .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
        let sum = 0n;
        for (let day = 1; day <= 31; day += 1) {
          const end = new Date(Date.UTC(2026, 9, day + 1)).toISOString();
          sum += BigInt(changes.findLast(([at]) => at < end)?.[1] ?? 0);
        }
        // 3,650,000 parts of a minor unit: the amount is the whole number with the least distance.
        const distance =
          sum * BigInt(rate) - BigInt(interestOf('2026-10', terms(rate), changes)) * 3_650_000n;
        expect(distance <= 1_825_000n && distance >= -1_825_000n).toBe(true);
      }),
    );
  });
});
