import type { AccountEvent } from '#contracts/account/account.contract.js';

type DataOf<Type> = Extract<AccountEvent, { type: Type }>['data'];

export const opened: AccountEvent = { type: 'AccountOpened', data: { owner: 'Alice', currency: 'USD' } };
export const frozen: AccountEvent = { type: 'AccountFrozen', data: { reason: 'suspicion of fraud' } };
export const unfrozen: AccountEvent = { type: 'AccountUnfrozen', data: { reason: 'cleared' } };
export const closed: AccountEvent = { type: 'AccountClosed', data: {} };

export function deposited(amount: number): AccountEvent {
  return { type: 'MoneyDeposited', data: { amount, currency: 'USD' } };
}

export function reversed(deposit: string, amount: number): AccountEvent {
  return { type: 'DepositReversed', data: { deposit, amount, currency: 'USD', reason: 'sent twice' } };
}

export function credited(month: string, amount: number): AccountEvent {
  return { type: 'InterestCredited', data: interestOf(month, amount) };
}

/** The interest of a month, as commands and events have it. */
export function interestOf(month: string, amount: number) {
  return { month, amount, currency: 'USD', rateBasisPoints: 250, dayCount: 'actual/365' } as const;
}

export function withdrawn(amount: number): AccountEvent {
  return { type: 'MoneyWithdrawn', data: { amount, currency: 'USD' } };
}

export function held(
  holdId: string,
  amount: number,
  more: Pick<DataOf<'HoldPlaced'>, 'expiresAt' | 'reference' | 'ownedBy'> = {},
): AccountEvent {
  return { type: 'HoldPlaced', data: { holdId, amount, currency: 'USD', ...more } };
}

export function captured(holdId: string, amount: number, released = 0): AccountEvent {
  return { type: 'HoldCaptured', data: { holdId, captured: amount, released, currency: 'USD' } };
}

export function released(holdId: string, amount: number): AccountEvent {
  return { type: 'HoldReleased', data: { holdId, amount, currency: 'USD' } };
}

export function expired(holdId: string, amount: number): AccountEvent {
  return { type: 'HoldExpired', data: { holdId, amount, currency: 'USD' } };
}

/** Three days after the start of every scenario. */
const inThreeDays = '2100-01-04T00:00:00.000Z';
export const contentHash = 'a'.repeat(64);
export const limitRemoved: AccountEvent = { type: 'ApprovalLimitRemoved', data: {} };

export function limitSet(amount: number): AccountEvent {
  const approvers = { candidates: ['role:supervisor'], needed: 1, withinSeconds: 259_200 };
  return { type: 'ApprovalLimitSet', data: { ...approvers, amount, currency: 'USD' } };
}

type OfWithdrawal = DataOf<'WithdrawalRequested'>;

export function withdrawalRequested(
  approvalId: string,
  amount: number,
  more: Partial<OfWithdrawal> = {},
): AccountEvent {
  const approval = { approvalId, contentHash, deadline: inThreeDays };
  return { type: 'WithdrawalRequested', data: { ...approval, amount, currency: 'USD', ...more } };
}

export function holdRequested(
  approvalId: string,
  holdId: string,
  amount: number,
  more: Partial<DataOf<'HoldRequested'>> = {},
): AccountEvent {
  const approval = { approvalId, contentHash, deadline: inThreeDays };
  return { type: 'HoldRequested', data: { ...approval, holdId, amount, currency: 'USD', ...more } };
}

export function requestApproved(
  approvalId: string,
  amount: number,
  more: Pick<DataOf<'RequestApproved'>, 'holdId' | 'asker'> = {},
): AccountEvent {
  const data = { approvalId, amount, currency: 'USD', approvedBy: ['tom'], ...more };
  return { type: 'RequestApproved', data };
}

export function requestRefused(
  approvalId: string,
  amount: number,
  because: DataOf<'RequestRefused'>['because'],
  more: Pick<DataOf<'RequestRefused'>, 'holdId' | 'reason' | 'asker'> = {},
): AccountEvent {
  return { type: 'RequestRefused', data: { approvalId, amount, currency: 'USD', because, ...more } };
}
