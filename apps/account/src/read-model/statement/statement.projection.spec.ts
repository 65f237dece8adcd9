import { describe, expect, test } from '@jest/globals';
import type { AccountEvent } from '#contracts/account/account.contract.js';
import { foldView } from '#libs/testing/fold-view.js';
import {
  credited,
  holdRequested,
  requestApproved,
  requestRefused,
  withdrawalRequested,
} from '../../domain/account.fixture.js';
import { statementView } from './statement.projection.js';

const opened: AccountEvent = { type: 'AccountOpened', data: { owner: 'Alice', currency: 'EUR' } };
const deposited: AccountEvent = {
  type: 'MoneyDeposited',
  data: { amount: 1_000, currency: 'EUR', reference: 'salary' },
};
const placed = (holdId: string, reference?: string): AccountEvent => ({
  type: 'HoldPlaced',
  data: { holdId, amount: 400, currency: 'EUR', ...(reference !== undefined && { reference }) },
});

function linesOf(...events: AccountEvent[]) {
  return foldView(statementView, events).rows.entries;
}

describe('the statement', () => {
  test('has a line for each event that moves money, with the balance after it', () => {
    const withdrawn: AccountEvent = { type: 'MoneyWithdrawn', data: { amount: 300, currency: 'EUR' } };
    expect(linesOf(opened, deposited, withdrawn)).toMatchObject([
      {
        revision: 1,
        kind: 'deposited',
        amount: 1_000,
        balance: 1_000,
        held: 0,
        reference: 'salary',
        holdId: null,
      },
      { revision: 2, kind: 'withdrawn', amount: 300, balance: 700, held: 0, reference: null },
    ]);
  });

  test('has a line for a reversed deposit', () => {
    const reversed: AccountEvent = {
      type: 'DepositReversed',
      data: { deposit: 'd-1', amount: 400, currency: 'EUR', reason: 'sent twice' },
    };
    expect(linesOf(opened, deposited, reversed).at(-1)).toMatchObject({
      kind: 'deposit-reversed',
      amount: 400,
      balance: 600,
      held: 0,
      reference: null,
    });
  });

  test('has a line for interest', () => {
    const interest = credited('2026-10', 3);
    expect(linesOf(opened, deposited, interest).at(-1)).toMatchObject({
      kind: 'interest-credited',
      amount: 3,
      balance: 1_003,
      reference: null,
    });
  });

  test('has lines for a request, for its end, and for what follows if it is approved', () => {
    const [rent, currency] = [{ reference: 'rent' }, 'EUR'];
    const waiting = [opened, deposited, withdrawalRequested('a-1', 400, { ...rent, currency })];
    const withdrawn: AccountEvent = { type: 'MoneyWithdrawn', data: { amount: 400, currency, ...rent } };
    expect(linesOf(...waiting, requestApproved('a-1', 400), withdrawn).slice(1)).toMatchObject([
      { kind: 'approval-requested', amount: 400, balance: 1_000, held: 400, holdId: null, ...rent },
      { kind: 'approval-granted', amount: 400, balance: 1_000, held: 0, holdId: null, ...rent },
      { kind: 'withdrawn', amount: 400, balance: 600, held: 0, ...rent },
    ]);
    expect(foldView(statementView, [...waiting, requestRefused('a-1', 400, 'refused')]).state).toEqual({
      balance: 1_000,
      held: 0,
      references: {},
    });
  });

  test('tells the reference of a requested hold from that of another hold', () => {
    const requested = holdRequested('h', 'h-2', 100, { reference: 'x' });
    const refused = requestRefused('h', 100, 'released', { holdId: 'h-2' });
    expect(linesOf(opened, deposited, placed('h', 'y'), requested, refused).slice(2)).toMatchObject([
      { kind: 'approval-requested', held: 500, holdId: 'h-2', reference: 'x' },
      { kind: 'approval-refused', held: 400, holdId: 'h-2', reference: 'x' },
    ]);
  });

  test('has none for what moves no money', () => {
    const frozen: AccountEvent = { type: 'AccountFrozen', data: { reason: 'a check' } };
    expect(linesOf(opened, frozen)).toEqual([]);
  });

  test('shows the reference of a hold at its end', () => {
    const captured: AccountEvent = {
      type: 'HoldCaptured',
      data: { holdId: 'h', captured: 250, released: 150, currency: 'EUR' },
    };
    expect(linesOf(opened, deposited, placed('h', 'order 42'), captured).slice(1)).toMatchObject([
      { kind: 'hold-placed', amount: 400, balance: 1_000, held: 400, holdId: 'h', reference: 'order 42' },
      { kind: 'hold-captured', amount: 250, balance: 750, held: 0, holdId: 'h', reference: 'order 42' },
    ]);
  });

  test.each([
    ['HoldReleased', 'hold-released'],
    ['HoldExpired', 'hold-expired'],
  ] as const)('gives back what was set aside: %s', (type, kind) => {
    const ended: AccountEvent = { type, data: { holdId: 'h', amount: 400, currency: 'EUR' } };
    expect(linesOf(opened, deposited, placed('h'), ended).at(-1)).toMatchObject({
      kind,
      amount: 400,
      balance: 1_000,
      held: 0,
      reference: null,
    });
  });

  test('is not misled by a hold called like a property of every object', () => {
    const ended: AccountEvent = {
      type: 'HoldReleased',
      data: { holdId: 'constructor', amount: 400, currency: 'EUR' },
    };
    expect(linesOf(opened, deposited, placed('constructor'), ended).at(-1)).toMatchObject({
      reference: null,
    });
  });

  test('forgets the references of holds that ended', () => {
    const ended: AccountEvent = { type: 'HoldReleased', data: { holdId: 'h', amount: 400, currency: 'EUR' } };
    expect(foldView(statementView, [opened, deposited, placed('h', 'x'), ended]).state).toEqual({
      balance: 1_000,
      held: 0,
      references: {},
    });
  });
});
