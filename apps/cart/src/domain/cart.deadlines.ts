import type { Deadline } from '#libs/core/decider.js';
import { toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import type { CartState } from './cart.state.js';
import type { CartTiming } from './cart.timing.js';

/**
 * When to send the reminder of an open cart: once per change, and never while the cart is empty.
 */
export function reminderOf(state: CartState, { reminderSeconds }: CartTiming): string | undefined {
  const isWanted = state.status === 'open' && !state.isReminded && state.lines.length > 0;
  return isWanted ? after(state, reminderSeconds) : undefined;
}

/** When an open cart expires. */
export function expiryOf(state: CartState, { expirySeconds }: CartTiming): string | undefined {
  return state.status === 'open' ? after(state, expirySeconds) : undefined;
}

export function cartDeadline(state: CartState, timing: CartTiming): Deadline | undefined {
  const reminder = reminderOf(state, timing);
  const expiry = expiryOf(state, timing);
  if (reminder !== undefined && (expiry === undefined || reminder < expiry)) {
    return { at: reminder, subject: 'reminder', command: { type: 'Remind', data: {} } };
  }
  return expiry === undefined
    ? undefined
    : { at: expiry, subject: 'expiry', command: { type: 'Expire', data: {} } };
}

function after({ changedAt }: CartState, seconds: number): string {
  return toTimestamp(toMilliseconds(changedAt) + seconds * 1_000);
}
