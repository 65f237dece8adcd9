import { describe, expect, it } from '@jest/globals';
import type { CalendarSpecDescription } from '@temporalio/client';
import { specInWords } from './spec-in-words.js';

const one = <T>(start: T, end = start, step = 1) => [{ start, end, step }];
const daily: CalendarSpecDescription = {
  second: one(0),
  minute: one(0),
  hour: one(6),
  dayOfMonth: one(1, 31),
  month: one('JANUARY', 'DECEMBER'),
  year: [],
  dayOfWeek: one('SUNDAY', 'SATURDAY'),
};

describe('the times of a schedule in words', () => {
  it.each<[string, Partial<CalendarSpecDescription>]>([
    ['at 06:00', {}],
    ['at 06:30, on Monday to Friday', { minute: one(30), dayOfWeek: one('MONDAY', 'FRIDAY') }],
    ['at 06:00, 18:00', { hour: [...one(6), ...one(18)] }],
    ['at 06:00, on day 1 of the month, in January', { dayOfMonth: one(1), month: one('JANUARY') }],
    ['at minute 0 to 59 in steps of 15 of every hour', { minute: one(0, 59, 15), hour: one(0, 23) }],
    ['every minute of the hours 8 to 17', { minute: one(0, 59), hour: one(8, 17) }],
    ['at 06:00, at second 30, in 2027', { second: one(30), year: one(2027) }],
  ])('%s', (words, more) => {
    expect(specInWords({ calendars: [{ ...daily, ...more }] })).toEqual([words]);
  });

  it('says intervals in their largest whole unit', () => {
    const intervals = [
      { every: 86_400_000, offset: 21_600_000 },
      { every: 5_400_000, offset: 0 },
    ];
    expect(specInWords({ intervals })).toEqual(['every 1 day, 6 hours later', 'every 90 minutes']);
  });
});
