import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import {
  type AccountState,
  findHold,
  findRequestedHold,
  MAX_ENDED_HOLD_IDS,
  MAX_REVERSED_DEPOSITS,
} from './account.state.js';

/** The id of a hold is used only once, and a deposit is reversed only once, permanently. */
export function accountNames(event: AccountEvent): readonly string[] {
  if (event.type === 'DepositReversed') return [reversalOf(event.data.deposit)];
  return event.type === 'HoldPlaced' || event.type === 'HoldRequested' ? [event.data.holdId] : [];
}

/**
 * The state has the open holds, and the holds that ended and the deposits that were reversed
 * recently. Older ones are looked up.
 */
export function accountClaims(command: AccountCommand, state: AccountState): readonly string[] {
  const { data } = command;
  if (command.type === 'ReverseDeposit') {
    const { reversedDeposits = [] } = state;
    const { deposit } = command.data;
    const isKnown = reversedDeposits.length < MAX_REVERSED_DEPOSITS || reversedDeposits.includes(deposit);
    return isKnown ? [] : [reversalOf(deposit)];
  }
  if (!('holdId' in data) || state.endedHoldIds.length < MAX_ENDED_HOLD_IDS) return [];
  const { holdId } = data;
  const isKnown = findHold(state, holdId) ?? findRequestedHold(state, holdId);
  return isKnown || state.endedHoldIds.includes(holdId) ? [] : [holdId];
}

/** The name that the reversal of a deposit uses up. No hold has it, since ids contain no slash. */
export function reversalOf(deposit: string): string {
  return `reversal/${deposit}`;
}

/** The saga whose hold another sender would end. */
export function accountOwners({ data, sender }: AccountCommand, state: AccountState): readonly string[] {
  if (!('holdId' in data)) return [];
  const ownedBy = (findHold(state, data.holdId) ?? findRequestedHold(state, data.holdId))?.ownedBy;
  return ownedBy === undefined || ownedBy === sender ? [] : [ownedBy];
}
