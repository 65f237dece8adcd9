import { describe, expect, it } from '@jest/globals';
import type { CartEvent } from '#contracts/cart/cart.contract.js';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import { cartDeadline } from './cart.deadlines.js';
import { createCartDecider } from './cart.decider.js';
import { added, created, failed, left, requested, timing } from './cart.fixture.js';

const { evolve, initialState } = createCartDecider(timing);

function deadlineAfter(...events: CartEvent[]) {
  return cartDeadline(events.reduce(evolve, initialState), timing);
}

describe('the deadline of a cart', () => {
  const prices = { lines: [], subtotal: 0, discount: 0, total: 0 };
  const expiry = (at: string) => ({ at, subject: 'expiry', command: { type: 'Expire', data: {} } });

  it('is absent before it is created', () => {
    expect(deadlineAfter()).toBeUndefined();
  });

  it('is its expiry while it is empty', () => {
    expect(deadlineAfter(created)).toEqual(expiry(moment(7 * DAY)));
  });

  it('is a reminder a day after the last change', () => {
    expect(deadlineAfter(created, added('cd', 1, 999, { changedAt: moment(HOUR) }))).toEqual({
      at: moment(HOUR + DAY),
      subject: 'reminder',
      command: { type: 'Remind', data: {} },
    });
  });

  it('is its expiry after the reminder, and that does not move', () => {
    const reminded = left('CartReminded', 1, 999);
    expect(deadlineAfter(created, added('cd', 1, 999), reminded)).toEqual(expiry(moment(7 * DAY)));
  });

  it('is a reminder again after the next change', () => {
    const again = added('cd', 1, 999, { changedAt: moment(2 * DAY) });
    const { subject, at } =
      deadlineAfter(created, added('cd', 1, 999), left('CartReminded', 1, 999), again) ?? {};
    expect([subject, at]).toEqual(['reminder', moment(3 * DAY)]);
  });

  it('is absent during a checkout, and counts from its failure', () => {
    const checkingOut = [created, added('cd', 1, 999), requested('checkout-1', prices)];
    expect(deadlineAfter(...checkingOut)).toBeUndefined();
    expect(deadlineAfter(...checkingOut, failed('checkout-1', moment(2 * DAY)))?.at).toBe(moment(3 * DAY));
  });

  it('is absent when it has ended', () => {
    expect(deadlineAfter(created, left('CartAbandoned', 0, 0))).toBeUndefined();
  });

  it('is only the expiry where the reminder would come after it', () => {
    const state = [created, added('cd', 1, 999)].reduce(evolve, initialState);
    expect(cartDeadline(state, { reminderSeconds: 60, expirySeconds: 60 })?.subject).toBe('expiry');
  });
});
