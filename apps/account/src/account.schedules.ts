import { interestRunContract } from '#contracts/interest-run/interest-run.contract.js';
import { defineSchedule, type Schedule } from '#libs/schedules/schedule.js';
import type { AccountConfig } from './account.config.js';

/** What the service starts at certain times: interest, if there is a rate. */
export function accountSchedules({
  INTEREST_RATE_BASIS_POINTS: rateBasisPoints,
  INTEREST_DAY_COUNT: dayCount,
}: AccountConfig): readonly Schedule[] {
  if (rateBasisPoints === undefined) return [];
  return [
    defineSchedule({
      name: 'interest',
      flow: interestRunContract,
      input: { rateBasisPoints, dayCount },
      timeField: 'dueAt',
      at: [{ dayOfMonth: 1, hour: 3 }],
      // Months are those of UTC, too.
      timeZone: 'UTC',
      overlap: 'buffer-all',
      catchUpWindow: '7d',
    }),
  ];
}
