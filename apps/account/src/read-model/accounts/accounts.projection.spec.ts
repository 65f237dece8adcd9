import { describe, expect, test } from '@jest/globals';
import type { AccountEvent } from '#contracts/account/account.contract.js';
import { foldView } from '#libs/testing/fold-view.js';
import {
  holdRequested,
  requestApproved,
  requestRefused,
  withdrawalRequested,
} from '../../domain/account.fixture.js';
import { accountsTable, accountsView } from './accounts.projection.js';

const opened: AccountEvent = { type: 'AccountOpened', data: { owner: 'Alice', currency: 'EUR' } };
const deposited: AccountEvent = { type: 'MoneyDeposited', data: { amount: 1_000, currency: 'EUR' } };
const held: AccountEvent = { type: 'HoldPlaced', data: { holdId: 'h', amount: 400, currency: 'EUR' } };

/** The row after the last of these events. */
function rowAfter(...events: AccountEvent[]) {
  return foldView(accountsView, events).rows.accounts.at(-1);
}

describe('the list of accounts', () => {
  test('shows an account from the moment it is opened', () => {
    expect(rowAfter(opened)).toEqual({
      tenant: 'default',
      id: 'alice',
      status: 'open',
      owner: 'Alice',
      currency: 'EUR',
      balance: 0,
      held: 0,
      available: 0,
      revision: 0,
      openedAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  test('counts deposits and withdrawals', () => {
    const withdrawn: AccountEvent = { type: 'MoneyWithdrawn', data: { amount: 300, currency: 'EUR' } };
    expect(rowAfter(opened, deposited, withdrawn)).toMatchObject({
      balance: 700,
      held: 0,
      available: 700,
      revision: 2,
    });
  });

  test('counts a reversed deposit', () => {
    const reversed: AccountEvent = {
      type: 'DepositReversed',
      data: { deposit: 'd-1', amount: 300, currency: 'EUR', reason: 'sent twice' },
    };
    expect(rowAfter(opened, deposited, reversed)).toMatchObject({ balance: 700, available: 700 });
  });

  test.each<[string, AccountEvent, object]>([
    ['placed', held, { balance: 1_000, held: 400, available: 600 }],
    [
      'captured in part',
      { type: 'HoldCaptured', data: { holdId: 'h', captured: 250, released: 150, currency: 'EUR' } },
      { balance: 750, held: 0, available: 750 },
    ],
    [
      'released',
      { type: 'HoldReleased', data: { holdId: 'h', amount: 400, currency: 'EUR' } },
      { balance: 1_000, held: 0, available: 1_000 },
    ],
    [
      'expired',
      { type: 'HoldExpired', data: { holdId: 'h', amount: 400, currency: 'EUR' } },
      { balance: 1_000, held: 0, available: 1_000 },
    ],
  ])('shows what is set aside when a hold was %s', (_, event, shown) => {
    const before = event === held ? [opened, deposited] : [opened, deposited, held];
    expect(rowAfter(...before, event)).toMatchObject(shown);
  });

  test('shows what waits for approval as held, until it is approved or refused', () => {
    const waiting = [opened, deposited, withdrawalRequested('a-1', 400), holdRequested('a-2', 'h', 100)];
    expect(rowAfter(...waiting)).toMatchObject({ balance: 1_000, held: 500, available: 500 });
    const placed: AccountEvent = { type: 'HoldPlaced', data: { holdId: 'h', amount: 100, currency: 'EUR' } };
    const approved = [...waiting, requestApproved('a-2', 100, { holdId: 'h' }), placed];
    expect(rowAfter(...approved)).toMatchObject({ balance: 1_000, held: 500, available: 500 });
    expect(rowAfter(...approved, requestRefused('a-1', 400, 'refused'))).toMatchObject({
      balance: 1_000,
      held: 100,
      available: 900,
    });
  });

  test('shows the status', () => {
    const because = { reason: 'a check' };
    expect(rowAfter(opened, { type: 'AccountFrozen', data: because })).toMatchObject({ status: 'frozen' });
    expect(
      rowAfter(opened, { type: 'AccountFrozen', data: because }, { type: 'AccountUnfrozen', data: because }),
    ).toMatchObject({ status: 'open' });
    expect(rowAfter(opened, { type: 'AccountClosed', data: {} })).toMatchObject({ status: 'closed' });
  });

  test('keeps its row, and shows the revision, for an event of a later version', () => {
    const unknown = { type: 'LoyaltyJoined', data: {} } as unknown as AccountEvent;
    expect(rowAfter(opened, deposited, unknown)).toMatchObject({ balance: 1_000, revision: 2 });
  });

  test('makes rows that the list can show', () => {
    const row = rowAfter(opened, deposited, held);
    expect(row && accountsTable.item.parse(accountsTable.toItem(row))).toMatchObject({ available: 600 });
  });
});
