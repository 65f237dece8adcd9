import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import { type AccountState, findHold, MAX_ENDED_HOLD_IDS } from './account.state.js';

/** The id of a hold is used once, for ever. */
export function accountNames(event: AccountEvent): readonly string[] {
  return event.type === 'HoldPlaced' ? [event.data.holdId] : [];
}

/** The state knows the holds that are open and those that ended last; whether there was an older one is looked up. */
export function accountClaims({ data }: AccountCommand, state: AccountState): readonly string[] {
  if (!('holdId' in data) || state.endedHoldIds.length < MAX_ENDED_HOLD_IDS) return [];
  const { holdId } = data;
  return findHold(state, holdId) || state.endedHoldIds.includes(holdId) ? [] : [holdId];
}

/** The saga whose hold somebody else would end. */
export function accountOwners({ data, sender }: AccountCommand, state: AccountState): readonly string[] {
  if (!('holdId' in data)) return [];
  const ownedBy = findHold(state, data.holdId)?.ownedBy;
  return ownedBy === undefined || ownedBy === sender ? [] : [ownedBy];
}
