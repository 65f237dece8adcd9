import type { InterestRunTypes } from '#contracts/interest-run/interest-run.kind.js';
import { callPolicy, type FlowFunction } from '#libs/core/flow/flow.js';
import { FlowFailure } from '#libs/core/flow/flow.errors.js';
import { leafKind, type SpreadSource } from '#libs/core/flow/spread/spread.js';
import type { JsonObject } from '#libs/core/json.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import { monthBefore, monthInTime } from '../domain/interest.js';

/** At which rate interest is paid, and how days count. */
export type InterestTerms = Pick<InterestRunTypes['input'], 'rateBasisPoints' | 'dayCount'>;

/** What accounts got, by currency. */
export type InterestPaid = Readonly<Record<string, { readonly accounts: number; readonly amount: number }>>;

/** The calls of an interest run. */
export const interestRunCalls = {
  'list-accounts': callPolicy<JsonObject, SpreadSource>({ attemptTimeout: '30m' }),
};

/** Credits accounts with the interest of a month. */
export const AccountInterest = leafKind<
  { readonly month: string; readonly terms: InterestTerms },
  InterestPaid
>('account-interest', { merge: addPaid });

/** A command that was sent in time has been decided by then. */
const SETTLED_AFTER_MILLISECONDS = 60 * 60 * 1_000;
/** How long accounts with an unknown outcome may be retried. */
const RETRIED_FOR = '7d';
/** Accounts with an unknown outcome beyond this share say that something is wrong with all. */
const TOLERANCE = 0.05;

/** Credits all accounts that were opened by the end of the month. */
export const payInterest: FlowFunction<InterestRunTypes, typeof interestRunCalls> = async (
  { month: named, dueAt, ...terms },
  f,
) => {
  const month = named ?? (dueAt === undefined ? lastPayableMonth(f.startedAt) : monthBefore(dueAt));
  const settled = monthInTime(month).to + SETTLED_AFTER_MILLISECONDS;
  if (f.now() < toTimestamp(settled)) {
    throw new FlowFailure('INTEREST.MONTH_NOT_OVER', `${month} can be paid from ${toTimestamp(settled)} on`);
  }
  const accounts = await f.call('list-accounts', {});
  const end = await f.spread(accounts, {
    leaf: AccountInterest,
    data: { month, terms },
    tolerance: TOLERANCE,
    retryFor: RETRIED_FOR,
  });
  return { month, ...end };
};

/** The last month that can be paid. */
function lastPayableMonth(now: Timestamp): string {
  return monthBefore(toTimestamp(toMilliseconds(now) - SETTLED_AFTER_MILLISECONDS));
}

function addPaid(a: InterestPaid, b: InterestPaid): InterestPaid {
  const sums: Record<string, { accounts: number; amount: number }> = { ...a };
  for (const [currency, { accounts, amount }] of Object.entries(b)) {
    const before = sums[currency] ?? { accounts: 0, amount: 0 };
    const sum = Math.min(before.amount + amount, Number.MAX_SAFE_INTEGER);
    sums[currency] = { accounts: before.accounts + accounts, amount: sum };
  }
  return Object.fromEntries(Object.entries(sums).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
