import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import type { AccountRejectionCode } from '#contracts/account/account.rejections.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import { limitAbove, refused, requestSpending } from './account-requests.decide.js';
import {
  type AccountState,
  available,
  findHold,
  findRequestedHold,
  type Hold,
  MAX_OPEN_HOLDS,
} from './account.state.js';

type Decision = readonly AccountEvent[] | Rejection;
type CommandNamed<Type> = Extract<AccountCommand, { type: Type }>;

type UsedNames = AccountCommand['usedNames'];

const YEAR_MILLISECONDS = 366 * 24 * 60 * 60 * 1_000;

export function placeHold(command: CommandNamed<'PlaceHold'>, state: AccountState): Decision {
  const refusal = unplaceable(command, state);
  if (refusal) return refusal;
  const limit = limitAbove(command, state);
  if (limit) return requestSpending(command, limit, state);
  const { data, sender } = command;
  const { holdId, amount, expiresAt, reference } = data;
  return [
    {
      type: 'HoldPlaced',
      data: {
        holdId,
        amount,
        currency: state.currency,
        ...(expiresAt !== undefined && { expiresAt }),
        ...(reference !== undefined && { reference }),
        ...(sender !== undefined && { ownedBy: sender }),
      },
    },
  ];
}

function unplaceable(
  { data, at, usedNames }: CommandNamed<'PlaceHold'>,
  state: AccountState,
): Rejection | undefined {
  const { holdId, amount, expiresAt, owner } = data;
  if (owner !== undefined && owner !== state.owner) {
    return no('ACCOUNT.NOT_OWNED', `the account does not belong to ${owner}`);
  }
  if (findHold(state, holdId) || findRequestedHold(state, holdId) || isEnded(holdId, usedNames, state)) {
    return no('HOLD.ID_USED', `${holdId} was already placed`);
  }
  if (expiresAt !== undefined && !isWithinAYear(expiresAt, at)) {
    return no('HOLD.DEADLINE_INVALID', `${expiresAt} is not within a year after ${at}`);
  }
  if (state.holds.length + (state.requests?.length ?? 0) >= MAX_OPEN_HOLDS) {
    return no('HOLD.LIMIT', `there are ${MAX_OPEN_HOLDS} open holds`);
  }
  return amount > available(state)
    ? no('ACCOUNT.INSUFFICIENT_FUNDS', `${available(state)} is available`)
    : undefined;
}

export function captureHold(command: CommandNamed<'CaptureHold'>, state: AccountState): Decision {
  const { data, usedNames } = command;
  const hold = findHold(state, data.holdId);
  if (!hold) {
    return findRequestedHold(state, data.holdId)
      ? no('HOLD.NOT_APPROVED', `${data.holdId} still waits for approval`)
      : noSuchHold(data.holdId, usedNames, state);
  }
  if (isOthers(hold, command)) return owned(hold);
  const captured = data.amount ?? hold.amount;
  if (captured > hold.amount) {
    return no('HOLD.AMOUNT_EXCEEDED', `${hold.amount} is held`);
  }
  const { currency } = state;
  const released = hold.amount - captured;
  return [{ type: 'HoldCaptured', data: { holdId: hold.holdId, captured, released, currency } }];
}

export function releaseHold(command: CommandNamed<'ReleaseHold'>, state: AccountState): Decision {
  const { data, usedNames } = command;
  const { holdId } = data;
  const requested = findRequestedHold(state, holdId);
  const hold = findHold(state, holdId) ?? requested;
  if (hold && isOthers(hold, command)) return owned(hold);
  return requested
    ? [refused(requested, 'released', state)]
    : endHold('HoldReleased', holdId, usedNames, state);
}

function endHold(
  type: 'HoldReleased' | 'HoldExpired',
  holdId: string,
  usedNames: UsedNames,
  state: AccountState,
): Decision {
  const hold = findHold(state, holdId);
  if (!hold) return noSuchHold(holdId, usedNames, state);
  return [{ type, data: { holdId, amount: hold.amount, currency: state.currency } }];
}

export function expireHold(
  { data, at, usedNames }: CommandNamed<'ExpireHold'>,
  state: AccountState,
): Decision {
  const requested = findRequestedHold(state, data.holdId);
  const hold = findHold(state, data.holdId) ?? requested;
  if (hold && (hold.expiresAt === undefined || hold.expiresAt > at)) {
    return no('HOLD.NOT_DUE', `${data.holdId} is not due at ${at}`);
  }
  if (requested) return [refused(requested, 'expired', state)];
  return endHold('HoldExpired', data.holdId, usedNames, state);
}

/** A hold must still exist when its saga ends, since goods may have been sent by then. */
function isOthers(
  { ownedBy }: Hold,
  { sender, endedOwners }: Pick<AccountCommand, 'sender' | 'endedOwners'>,
): boolean {
  return ownedBy !== undefined && ownedBy !== sender && endedOwners?.includes(ownedBy) !== true;
}

function owned({ holdId, ownedBy }: Hold): Rejection {
  return no('HOLD.OWNED', `${holdId} belongs to ${ownedBy}, which has not ended`);
}

function noSuchHold(holdId: string, usedNames: UsedNames, state: AccountState): Rejection {
  return isEnded(holdId, usedNames, state)
    ? no('HOLD.ENDED', `${holdId} was captured, released or has expired`)
    : no('HOLD.NOT_FOUND', `there is no hold ${holdId}`);
}

/**
 * The state has the holds that ended recently. For older ones, the command includes the result of a
 * lookup.
 */
function isEnded(holdId: string, usedNames: UsedNames, state: AccountState): boolean {
  return state.endedHoldIds.includes(holdId) || usedNames?.includes(holdId) === true;
}

function isWithinAYear(expiresAt: string, at: string): boolean {
  return expiresAt > at && toMilliseconds(expiresAt) - toMilliseconds(at) <= YEAR_MILLISECONDS;
}

function no(code: AccountRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}
