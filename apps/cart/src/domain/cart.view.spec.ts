import { describe, expect, it } from '@jest/globals';
import { cartContract, type CartEvent } from '#contracts/cart/cart.contract.js';
import { moment } from '#libs/testing/moments.js';
import { evolveCart } from './cart.evolve.js';
import {
  added,
  completed,
  couponApplied,
  created,
  createdByGuest,
  failed,
  left,
  requested,
} from './cart.fixture.js';
import { initialCart } from './cart.state.js';
import { presentCart } from './cart.view.js';

function viewAfter(...events: CartEvent[]) {
  return presentCart(events.reduce(evolveCart, initialCart));
}

describe('the view of a cart', () => {
  const lines = [{ sku: 'cd', quantity: 2, unitPrice: 999, discount: 500, total: 1_498 }];
  const prices = { lines, subtotal: 1_998, discount: 500, total: 1_498 };
  const filled = [created, added('cd', 2, 999), couponApplied('five-off', { amount: 500, currency: 'USD' })];
  const checkingOut = [...filled, requested('checkout-1', { couponCode: 'five-off', ...prices })];

  it('shows each line with its part of the discount', () => {
    expect(viewAfter(...filled)).toEqual({
      status: 'open',
      customerId: 'alice',
      currency: 'USD',
      coupon: { code: 'five-off', amount: 500, currency: 'USD' },
      ...prices,
      changedAt: moment(),
    });
  });

  it('shows why a checkout gave it back', () => {
    const { checkout, lastFailure } = viewAfter(...checkingOut, failed('checkout-1'));
    expect(checkout).toBeUndefined();
    expect(lastFailure).toEqual({ checkoutId: 'checkout-1', reason: 'no stock', failedAt: moment() });
  });

  it.each([
    ['open', viewAfter(createdByGuest)],
    ['open', viewAfter(...checkingOut, failed('checkout-1'))],
    ['checking-out', viewAfter(...checkingOut)],
    ['completed', viewAfter(...checkingOut, completed('checkout-1', 1_498))],
    ['abandoned', viewAfter(...filled, left('CartAbandoned', 2, 1_498))],
    ['expired', viewAfter(...filled, left('CartReminded', 2, 1_498), left('CartExpired', 2, 1_498))],
  ])('matches the contract when %s', (status, view) => {
    expect(cartContract.view.parse(view)).toEqual(view);
    expect(view.status).toBe(status);
  });

  it('shows nothing that it does not know of', () => {
    const unknown = { type: 'CartPainted', data: {} } as unknown as CartEvent;
    expect(viewAfter(...filled, unknown)).toEqual(viewAfter(...filled));
  });
});
