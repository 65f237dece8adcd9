import type { Deadline } from '#libs/core/decider.js';
import type { AccountState } from './account.state.js';

/** The hold, placed or requested, that expires first. */
export function accountDeadline(state: AccountState): Deadline | undefined {
  let first: { at: string; holdId: string } | undefined;
  for (const { holdId, expiresAt } of [...state.holds, ...(state.requests ?? [])]) {
    if (holdId === undefined || expiresAt === undefined) continue;
    if (!first || expiresAt < first.at) first = { at: expiresAt, holdId };
  }
  if (!first) return undefined;
  const { at, holdId } = first;
  return { at, subject: holdId, command: { type: 'ExpireHold', data: { holdId } } };
}
