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
