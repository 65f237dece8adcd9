import { z } from 'zod';
import { amount } from '../fields.js';
import { notPersonal } from '../personal-data.js';

const MONTH = /^[1-9][0-9]{3}-(0[1-9]|1[0-2])$/;

/** A month of the calendar in UTC, such as `2026-10`. */
export const month = notPersonal(z.string().regex(MONTH, 'must be a month, such as 2026-10')).meta({
  examples: ['2026-10'],
});

/** At which rate interest is paid, and for which part of a year a day counts. */
export const interestTerms = z.strictObject({
  rateBasisPoints: z
    .int()
    .min(1)
    .max(10_000)
    .meta({
      description: 'The rate of a year in hundredths of a percent: 250 is 2.5 %',
      examples: [250],
    }),
  dayCount: z.enum(['actual/365', 'actual/360', 'actual/actual']).meta({
    description: 'A day is one of so many of a year; in `actual/actual`, of 366 in a leap year, else of 365',
  }),
});

/** The interest of a month. */
export const interest = { month, amount, ...interestTerms.shape };
