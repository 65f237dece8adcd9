import type { Approvers, AwaitedApproval } from '#libs/core/approval-limit.js';

/** Money held. Without `expiresAt`, only a capture or a release ends it. */
export interface Hold {
  readonly holdId: string;
  readonly amount: number;
  readonly expiresAt?: string;
  readonly reference?: string;
  /** Stream of the saga that placed it. No other sender may end it. */
  readonly ownedBy?: string;
}

/** The largest amount that needs no approval, and who approves others. */
export interface ApprovalLimit extends Approvers {
  readonly amount: number;
}

/** The step of a saga that waits for a hold, and the id of its command. */
export interface Asker {
  readonly saga: string;
  readonly step: string;
  readonly answerTo: string;
}

/** Money held until its use is approved: a hold if it has the id of one, else a withdrawal. */
export interface SpendingRequest extends AwaitedApproval, Partial<Hold> {
  readonly amount: number;
  readonly asker?: Asker;
}

/** All captures so far. The sum stops at 2^53 − 1, which it may reach over the years. */
export interface Captured {
  readonly count: number;
  readonly amount: number;
}

export interface AccountState {
  readonly status: 'none' | 'open' | 'frozen' | 'closed';
  readonly owner: string;
  readonly currency: string;
  readonly balance: number;
  readonly held: number;
  readonly holds: readonly Hold[];
  readonly captured: Captured;
  /**
   * Ids of the holds that ended last, newest last. They distinguish a second capture from the
   * capture of an unknown hold.
   */
  readonly endedHoldIds: readonly string[];
  /** Deposits that were reversed last, by the ids of their commands, newest last. */
  readonly reversedDeposits?: readonly string[];
  readonly approvalLimit?: ApprovalLimit;
  /** Months whose interest was credited last, in order, such as `2026-10`. */
  readonly interestMonths?: readonly string[];
  /** What waits for approval. Its money is part of `held`. */
  readonly requests?: readonly SpendingRequest[];
}

export const MAX_OPEN_HOLDS = 1_000;
export const MAX_ENDED_HOLD_IDS = 200;
export const MAX_REVERSED_DEPOSITS = 200;
export const MAX_INTEREST_MONTHS = 36;

export const initialAccount: AccountState = {
  status: 'none',
  owner: '',
  currency: '',
  balance: 0,
  held: 0,
  holds: [],
  captured: { count: 0, amount: 0 },
  endedHoldIds: [],
};

/** What can be withdrawn or held. */
export function available(state: AccountState): number {
  return state.balance - state.held;
}

export function findHold(state: AccountState, holdId: string): Hold | undefined {
  return state.holds.find((hold) => hold.holdId === holdId);
}

export function findRequest(state: AccountState, approvalId: string): SpendingRequest | undefined {
  return state.requests?.find((request) => request.approvalId === approvalId);
}

/** A hold that is not placed yet. */
export function findRequestedHold(state: AccountState, holdId: string): RequestedHold | undefined {
  return state.requests?.find((request): request is RequestedHold => request.holdId === holdId);
}

export type RequestedHold = SpendingRequest & Hold;
