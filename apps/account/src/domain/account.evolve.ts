import type { AccountEvent } from '#contracts/account/account.contract.js';
import {
  type AccountState,
  findHold,
  findRequest,
  MAX_ENDED_HOLD_IDS,
  MAX_INTEREST_MONTHS,
  MAX_REVERSED_DEPOSITS,
} from './account.state.js';

export function evolveAccount(state: AccountState, event: AccountEvent): AccountState {
  switch (event.type) {
    case 'AccountOpened':
      return { ...state, status: 'open', owner: event.data.owner, currency: event.data.currency };
    case 'MoneyDeposited':
      return { ...state, balance: state.balance + event.data.amount };
    case 'DepositReversed':
      return reverseDeposit(state, event.data);
    case 'MoneyWithdrawn':
      return { ...state, balance: state.balance - event.data.amount };
    case 'HoldPlaced': {
      const { currency: _, ...hold } = event.data;
      return { ...state, held: state.held + hold.amount, holds: [...state.holds, hold] };
    }
    case 'HoldCaptured':
      return countCapture(endHold(state, event.data.holdId, event.data.captured), event.data.captured);
    case 'HoldReleased':
    case 'HoldExpired':
      return endHold(state, event.data.holdId, 0);
    case 'ApprovalLimitSet': {
      const { currency: _, ...approvalLimit } = event.data;
      return { ...state, approvalLimit };
    }
    case 'ApprovalLimitRemoved': {
      const { approvalLimit: _, ...unlimited } = state;
      return unlimited;
    }
    case 'WithdrawalRequested':
    case 'HoldRequested': {
      const { currency: _, ...request } = event.data;
      return { ...state, held: state.held + request.amount, requests: [...(state.requests ?? []), request] };
    }
    case 'RequestApproved':
      return endRequest(state, event.data.approvalId);
    case 'RequestRefused':
      return forgetHold(endRequest(state, event.data.approvalId), event.data.holdId);
    case 'InterestCredited':
      return creditInterest(state, event.data);
    case 'AccountFrozen':
      return { ...state, status: 'frozen' };
    case 'AccountUnfrozen':
      return { ...state, status: 'open' };
    case 'AccountClosed':
      return { ...state, status: 'closed' };
    default:
      return unchanged(state, event);
  }
}

function reverseDeposit(
  state: AccountState,
  { deposit, amount }: { readonly deposit: string; readonly amount: number },
): AccountState {
  const reversedDeposits = [...(state.reversedDeposits ?? []), deposit].slice(-MAX_REVERSED_DEPOSITS);
  return { ...state, balance: state.balance - amount, reversedDeposits };
}

function creditInterest(
  state: AccountState,
  { month, amount }: { readonly month: string; readonly amount: number },
): AccountState {
  const months = [...(state.interestMonths ?? []), month].toSorted();
  return { ...state, balance: state.balance + amount, interestMonths: months.slice(-MAX_INTEREST_MONTHS) };
}

function endHold(state: AccountState, holdId: string, captured: number): AccountState {
  const hold = findHold(state, holdId);
  if (!hold) return state;
  return {
    ...state,
    balance: state.balance - captured,
    held: state.held - hold.amount,
    holds: state.holds.filter((other) => other !== hold),
    endedHoldIds: [...state.endedHoldIds, holdId].slice(-MAX_ENDED_HOLD_IDS),
  };
}

function endRequest(state: AccountState, approvalId: string): AccountState {
  const request = findRequest(state, approvalId);
  if (!request) return state;
  const requests = state.requests?.filter((other) => other !== request) ?? [];
  return { ...state, held: state.held - request.amount, requests };
}

/** A requested hold that was never placed has ended like any other. */
function forgetHold(state: AccountState, holdId: string | undefined): AccountState {
  if (holdId === undefined) return state;
  return { ...state, endedHoldIds: [...state.endedHoldIds, holdId].slice(-MAX_ENDED_HOLD_IDS) };
}

function countCapture(state: AccountState, captured: number): AccountState {
  const amount = Math.min(state.captured.amount + captured, Number.MAX_SAFE_INTEGER);
  return { ...state, captured: { count: state.captured.count + 1, amount } };
}

/** An event of a later version of this program. */
function unchanged(state: AccountState, _event: never): AccountState {
  return state;
}
