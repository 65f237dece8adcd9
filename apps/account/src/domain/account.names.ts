import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import { type AccountState, findHold, MAX_ENDED_HOLD_IDS } from './account.state.js';

/** The id of a hold is used only once, permanently. */
export function accountNames(event: AccountEvent): readonly string[] {
  return event.type === 'HoldPlaced' ? [event.data.holdId] : [];
}

/** The state has the open holds and those that ended recently. Older ones are looked up. */
export function accountClaims({ data }: AccountCommand, state: AccountState): readonly string[] {
  if (!('holdId' in data) || state.endedHoldIds.length < MAX_ENDED_HOLD_IDS) return [];
  const { holdId } = data;
  return findHold(state, holdId) || state.endedHoldIds.includes(holdId) ? [] : [holdId];
}

/** The saga whose hold another sender would end. */
export function accountOwners({ data, sender }: AccountCommand, state: AccountState): readonly string[] {
  if (!('holdId' in data)) return [];
  const ownedBy = findHold(state, data.holdId)?.ownedBy;
  return ownedBy === undefined || ownedBy === sender ? [] : [ownedBy];
}
