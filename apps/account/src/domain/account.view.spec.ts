import { describe, expect, it } from '@jest/globals';
import { accountContract, type AccountEvent } from '#contracts/account/account.contract.js';
import { HOUR, moment } from '#libs/testing/moments.js';
import { accountDecider } from './account.decider.js';
import {
  captured,
  closed,
  deposited,
  frozen,
  held,
  holdRequested,
  limitSet,
  opened,
  withdrawalRequested,
  withdrawn,
} from './account.fixture.js';
import { presentAccount } from './account.view.js';

function viewAfter(...events: AccountEvent[]) {
  return presentAccount(events.reduce(accountDecider.evolve, accountDecider.initialState));
}

describe('the view of an account', () => {
  it('shows the held amount next to the available one', () => {
    const hold = { expiresAt: moment(HOUR), reference: 'order 7' };
    expect(viewAfter(opened, deposited(100), held('h-1', 60, hold))).toEqual({
      status: 'open',
      owner: 'Alice',
      currency: 'USD',
      balance: 100,
      held: 60,
      available: 40,
      holds: [{ holdId: 'h-1', amount: 60, ...hold }],
      captured: { count: 0, amount: 0 },
    });
  });

  it('shows the approval limit, and what waits for approval as held', () => {
    const hold = { expiresAt: moment(HOUR), reference: 'order 7' };
    const requests = [withdrawalRequested('a-1', 10), holdRequested('a-2', 'h-1', 20, hold)];
    const view = viewAfter(opened, deposited(100), limitSet(5), ...requests);
    expect(accountContract.view.parse(view)).toEqual(view);
    const approvers = { candidates: ['role:supervisor'], needed: 1, withinSeconds: 259_200 };
    expect(view).toMatchObject({ balance: 100, held: 30, available: 70, holds: [] });
    expect(view.approvalLimit).toEqual({ amount: 5, ...approvers });
    expect(view.requests).toMatchObject([
      { approvalId: 'a-1', amount: 10 },
      { approvalId: 'a-2', holdId: 'h-1', amount: 20, ...hold },
    ]);
  });

  it('counts captures, but not releases', () => {
    const view = viewAfter(opened, deposited(100), held('h-1', 60), captured('h-1', 45, 15), withdrawn(5));
    expect(view).toMatchObject({ balance: 50, held: 0, holds: [], captured: { count: 1, amount: 45 } });
  });

  it('lets the captured sum stop at the largest number', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const round = [deposited(most), held('h-1', most), captured('h-1', most)];
    expect(viewAfter(opened, ...round, ...round).captured).toEqual({ count: 2, amount: most });
  });

  it.each([
    ['open', viewAfter(opened)],
    ['frozen', viewAfter(opened, frozen)],
    ['closed', viewAfter(opened, closed)],
  ])('matches the contract when %s', (status, view) => {
    expect(accountContract.view.parse(view)).toEqual(view);
    expect(view.status).toBe(status);
  });

  it('shows nothing that it does not know of', () => {
    const unknown = { type: 'AccountRenamed', data: { owner: 'Bob' } } as unknown as AccountEvent;
    expect(viewAfter(opened, unknown)).toEqual(viewAfter(opened));
  });
});
