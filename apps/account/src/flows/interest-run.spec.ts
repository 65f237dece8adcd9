import { describe, expect, it } from '@jest/globals';
import { playFlow } from '#libs/testing/played-flow.js';
import { AccountInterest, interestRunCalls, payInterest } from './interest-run.flow.js';

const terms = { rateBasisPoints: 250, dayCount: 'actual/365' } as const;
const flow = { main: payInterest, policies: interestRunCalls };
const refused = () => ({ status: 'refused' as const, code: 'TEST.SEEN', detail: '' });

describe('an interest run', () => {
  // Flows are played from the start of the year 2100 on.
  it.each(['2100-01', '2099-12'])('of %s refuses to pay a month within an hour of its end', async (month) => {
    const { end, calls } = await playFlow({ ...flow, input: { ...terms, month } }, {});
    expect(end).toMatchObject({ status: 'failed', code: 'INTEREST.MONTH_NOT_OVER' });
    expect(calls).toEqual([]);
  });

  it.each([{ month: '2099-11' }, {}, { dueAt: '2099-12-01T03:00:00.000Z' }])('pays %j', async (of) => {
    const played = await playFlow(
      { ...flow, input: { ...terms, ...of } },
      { calls: { 'list-accounts': refused } },
    );
    expect(played).toMatchObject({ end: { code: 'TEST.SEEN' }, calls: ['list-accounts at 0 h'] });
  });

  it('adds up what was paid, by currency', () => {
    const { merge } = AccountInterest;
    const most = Number.MAX_SAFE_INTEGER;
    expect(
      merge?.(
        { USD: { accounts: 1, amount: 5 } },
        { EUR: { accounts: 2, amount: 7 }, USD: { accounts: 3, amount: most } },
      ),
    ).toEqual({ EUR: { accounts: 2, amount: 7 }, USD: { accounts: 4, amount: most } });
  });
});
