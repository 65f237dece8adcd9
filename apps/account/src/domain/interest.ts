import type { InterestTerms } from '../flows/interest-run.flow.js';

const BASIS_POINTS = 10_000n;
const DAY_MILLISECONDS = 24 * 60 * 60 * 1_000;

/** A month in UTC: the milliseconds at which it begins and ends, and the days of its year. */
interface MonthInTime {
  readonly from: number;
  readonly to: number;
  readonly daysOfYear: number;
}

/** A month such as `2026-10`. */
export function monthInTime(month: string): MonthInTime {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const first = (of: number) => new Date(Date.UTC(2000, 0, 1)).setUTCFullYear(year, of - 1, 1);
  const daysOfYear = (first(13) - first(1)) / DAY_MILLISECONDS;
  return { from: first(number), to: first(number + 1), daysOfYear };
}

/** The month before the one of a time. */
export function monthBefore(time: string): string {
  const date = new Date(time);
  date.setUTCDate(0);
  return date.toISOString().slice(0, 'YYYY-MM'.length);
}

/**
 * The interest of a month on one balance. Each day counts with the balance at its end. The sum of
 * these balances is multiplied by the rate, divided by the days of a year, and rounded once, half
 * to even. Changes of the balance come in the order of their times.
 */
export class MonthlyInterest {
  private readonly time: MonthInTime;
  /** The sum of the balances at the ends of the days before `day`. */
  private sum = 0n;
  private day: number;
  private balance = 0;

  constructor(
    month: string,
    private readonly terms: InterestTerms,
  ) {
    this.time = monthInTime(month);
    this.day = this.time.from;
  }

  /** The balance from this time on. Returns false once the month is over: nothing more counts. */
  change(at: string, balance: number): boolean {
    const time = Date.parse(at);
    if (time >= this.time.to) return false;
    this.advance(time);
    this.balance = balance;
    return true;
  }

  /** In minor units. */
  total(): number {
    this.advance(this.time.to);
    const { rateBasisPoints, dayCount } = this.terms;
    const days = { 'actual/365': 365, 'actual/360': 360, 'actual/actual': this.time.daysOfYear }[dayCount];
    return Number(halfEven(this.sum * BigInt(rateBasisPoints), BASIS_POINTS * BigInt(days)));
  }

  /** Counts the days that end by this time. */
  private advance(time: number): void {
    const days = Math.max(0, Math.floor((time - this.day) / DAY_MILLISECONDS));
    this.sum += BigInt(days) * BigInt(this.balance);
    this.day += days * DAY_MILLISECONDS;
  }
}

/** The quotient of two positive numbers, rounded to the nearest, and from the middle to even. */
function halfEven(dividend: bigint, divisor: bigint): bigint {
  const [quotient, twice] = [dividend / divisor, 2n * (dividend % divisor)];
  const isUp = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}
