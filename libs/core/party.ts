import type { AnyDecider } from './decider.js';
import type { CommandEnvelope } from './envelope.js';

/** A caller that may see and use only what belongs to it. */
export interface Party {
  readonly id: string;
  /** As its credential states them. */
  readonly roles: readonly string[];
}

/** The sender of a command, if it may send it only to what belongs to it. */
export function partyOf({ onlyFor: id, roles = [] }: CommandEnvelope): Party | undefined {
  return id === undefined ? undefined : { id, roles };
}

/** What the envelope of a command says of such a sender. */
export function onlyForParty(party: Party | undefined): Pick<CommandEnvelope, 'onlyFor' | 'roles'> {
  if (!party) return {};
  const { id: onlyFor, roles } = party;
  return { onlyFor, ...(roles.length > 0 && { roles }) };
}

/** Whether an entity in this state belongs to a caller. For any other, it does not exist. */
export function belongsTo(decider: AnyDecider, state: unknown, party: Party): boolean {
  return decider.belongsTo?.(state, party) ?? decider.owner?.(state) === party.id;
}
