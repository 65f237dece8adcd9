import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import type { AccountRejectionCode } from '#contracts/account/account.rejections.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import { captureHold, expireHold, placeHold, releaseHold } from './account-holds.decide.js';
import {
  dropRequest,
  limitAbove,
  recordApproval,
  removeApprovalLimit,
  requestSpending,
  setApprovalLimit,
} from './account-requests.decide.js';
import { reversalOf } from './account.names.js';
import { type AccountState, available, MAX_INTEREST_MONTHS } from './account.state.js';

export type AccountDecision = readonly AccountEvent[] | Rejection;

export function decideAccount(command: AccountCommand, state: AccountState): AccountDecision {
  if (command.type === 'Open') return open(command.data, state);
  if (state.status === 'none') return no('ACCOUNT.NOT_OPENED', 'the account was never opened');
  if (state.status === 'closed') return no('ACCOUNT.CLOSED', 'the account is closed permanently');
  return currencyMismatch(command, state) ?? decideOpened(command, state);
}

type OpenedCommand = Exclude<AccountCommand, { type: 'Open' }>;

function decideOpened(command: OpenedCommand, state: AccountState): AccountDecision {
  switch (command.type) {
    case 'Deposit':
      return deposit(command.data, state);
    case 'ReverseDeposit':
      return frozen(state) ?? reverseDeposit(command, state);
    case 'Withdraw':
      return frozen(state) ?? withdraw(command, state);
    case 'PlaceHold':
      return frozen(state) ?? placeHold(command, state);
    case 'CaptureHold':
      return captureHold(command, state);
    case 'ReleaseHold':
      return releaseHold(command, state);
    case 'ExpireHold':
      return expireHold(command, state);
    case 'SetApprovalLimit':
      return setApprovalLimit(command, state);
    case 'RemoveApprovalLimit':
      return removeApprovalLimit(state);
    case 'RecordApproval':
      return recordApproval(command, state);
    case 'DropRequest':
      return dropRequest(command, state);
    case 'CreditInterest':
      return creditInterest(command.data, state);
    case 'Freeze':
      return frozen(state) ?? [{ type: 'AccountFrozen', data: command.data }];
    case 'Unfreeze':
      return state.status === 'frozen'
        ? [{ type: 'AccountUnfrozen', data: command.data }]
        : no('ACCOUNT.NOT_FROZEN', 'the account is not frozen');
    case 'Close':
      return frozen(state) ?? close(state);
    default:
      return unknown(command);
  }
}

function open(
  { owner, currency }: { owner: string; currency: string },
  state: AccountState,
): AccountDecision {
  if (state.status !== 'none') return no('ACCOUNT.ALREADY_OPENED', 'an account can be opened only once');
  return [{ type: 'AccountOpened', data: { owner, currency } }];
}

interface Movement {
  readonly amount: number;
  readonly reference?: string | undefined;
}

function deposit({ amount, reference }: Movement, state: AccountState): AccountDecision {
  return beyondLimit(amount, state) ?? [{ type: 'MoneyDeposited', data: moved(amount, reference, state) }];
}

function beyondLimit(amount: number, { balance }: AccountState): Rejection | undefined {
  return amount > Number.MAX_SAFE_INTEGER - balance
    ? no('BALANCE.LIMIT', `the balance is ${balance}; the limit is ${Number.MAX_SAFE_INTEGER}`)
    : undefined;
}

function creditInterest(
  interest: Extract<AccountCommand, { type: 'CreditInterest' }>['data'],
  state: AccountState,
): AccountDecision {
  const { month, amount } = interest;
  const { interestMonths = [] } = state;
  if (interestMonths.includes(month)) return no('INTEREST.CREDITED', `that of ${month} was credited`);
  const [oldest = ''] = interestMonths;
  if (interestMonths.length === MAX_INTEREST_MONTHS && month < oldest) {
    return no('INTEREST.TOO_LATE', `the account remembers the months from ${oldest} on`);
  }
  return beyondLimit(amount, state) ?? [{ type: 'InterestCredited', data: interest }];
}

function reverseDeposit(
  { data, usedNames }: Extract<AccountCommand, { type: 'ReverseDeposit' }>,
  state: AccountState,
): AccountDecision {
  const { deposit, amount, reason, deposited } = data;
  const { reversedDeposits = [], currency } = state;
  if (reversedDeposits.includes(deposit) || usedNames?.includes(reversalOf(deposit))) {
    return no('DEPOSIT.REVERSED', `the deposit ${deposit} was already reversed`);
  }
  if (deposited === undefined) return no('DEPOSIT.NOT_FOUND', `${deposit} deposited nothing`);
  if (amount > deposited) return no('DEPOSIT.AMOUNT_EXCEEDED', `${deposited} was deposited`);
  return tooMuch(amount, state) ?? [{ type: 'DepositReversed', data: { deposit, amount, currency, reason } }];
}

function withdraw(
  command: Extract<AccountCommand, { type: 'Withdraw' }>,
  state: AccountState,
): AccountDecision {
  const { amount, reference } = command.data;
  const refusal = tooMuch(amount, state);
  if (refusal) return refusal;
  const limit = limitAbove(command, state);
  return limit
    ? requestSpending(command, limit, state)
    : [{ type: 'MoneyWithdrawn', data: moved(amount, reference, state) }];
}

function tooMuch(amount: number, state: AccountState): Rejection | undefined {
  return amount > available(state)
    ? no('ACCOUNT.INSUFFICIENT_FUNDS', `${available(state)} is available`)
    : undefined;
}

function moved(amount: number, reference: string | undefined, { currency }: AccountState) {
  return { amount, currency, ...(reference !== undefined && { reference }) };
}

function close(state: AccountState): AccountDecision {
  if (state.holds.length > 0) return no('ACCOUNT.HAS_HOLDS', `there are ${state.holds.length} open holds`);
  const { requests = [] } = state;
  if (requests.length > 0) return no('ACCOUNT.HAS_REQUESTS', `${requests.length} requests wait for approval`);
  if (state.balance !== 0) return no('ACCOUNT.NOT_EMPTY', `the balance is ${state.balance}`);
  return [{ type: 'AccountClosed', data: {} }];
}

function frozen(state: AccountState): Rejection | undefined {
  return state.status === 'frozen' ? no('ACCOUNT.FROZEN', 'the account is frozen') : undefined;
}

function currencyMismatch(command: OpenedCommand, state: AccountState): Rejection | undefined {
  const named = 'currency' in command.data ? command.data.currency : undefined;
  return named !== undefined && named !== state.currency
    ? no('ACCOUNT.CURRENCY_MISMATCH', `the currency of the account is ${state.currency}`)
    : undefined;
}

function no(code: AccountRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}

/** The contract accepts no other type. A new one fails to compile here. */
function unknown(command: never): never {
  throw new TypeError(`no rule for ${(command as AccountCommand).type}`);
}
