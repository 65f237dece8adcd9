import { describe, expect, test } from '@jest/globals';
import type { CartEvent } from '#contracts/cart/cart.contract.js';
import { foldView } from '#libs/testing/fold-view.js';
import {
  added,
  assigned,
  changed,
  completed,
  couponApplied,
  couponRemoved,
  created,
  createdByGuest,
  failed,
  left,
  removed,
  requested,
} from '../../domain/cart.fixture.js';
import { cartsTable, cartsView } from './carts.projection.js';

/** The row after the last of these events. */
function rowAfter(...events: CartEvent[]) {
  return foldView(cartsView, events).rows.carts.at(-1);
}

describe('the list of carts', () => {
  const filled = [created, added('cd', 2, 999), added('book', 1, 1_001)];
  const prices = { lines: [], subtotal: 2_999, discount: 0, total: 2_999 };

  test('shows a cart from the moment it is begun', () => {
    expect(rowAfter(createdByGuest)).toEqual({
      tenant: 'default',
      id: 'alice',
      status: 'open',
      customerId: null,
      currency: null,
      items: 0,
      pieces: 0,
      subtotal: 0,
      discount: 0,
      total: 0,
      revision: 0,
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  test('shows a new owner', () => {
    expect(rowAfter(createdByGuest, assigned)).toMatchObject({ customerId: 'alice' });
  });

  test('counts what is in it, and what it costs', () => {
    expect(rowAfter(...filled)).toMatchObject({ currency: 'USD', items: 2, pieces: 3, total: 2_999 });
    expect(rowAfter(...filled, changed('cd', 5, 2), removed('book', 1))).toMatchObject({
      items: 1,
      pieces: 5,
      total: 4_995,
    });
    const discounted = [...filled, couponApplied('spring', { amount: 500 })];
    expect(rowAfter(...discounted)).toMatchObject({ subtotal: 2_999, discount: 500, total: 2_499 });
    expect(rowAfter(...discounted, couponRemoved('spring'))).toMatchObject({ discount: 0, total: 2_999 });
  });

  test('shows the status', () => {
    const checkingOut = [...filled, requested('checkout-1', prices)];
    expect(rowAfter(...checkingOut)).toMatchObject({ status: 'checking-out' });
    expect(rowAfter(...checkingOut, failed('checkout-1'))).toMatchObject({ status: 'open' });
    expect(rowAfter(...checkingOut, completed('checkout-1', 2_999))).toMatchObject({ status: 'completed' });
    expect(rowAfter(...filled, left('CartAbandoned', 3, 2_999))).toMatchObject({ status: 'abandoned' });
    expect(rowAfter(...filled, left('CartExpired', 3, 2_999))).toMatchObject({ status: 'expired' });
  });

  test('keeps its row, and shows the revision, for an event of a later version', () => {
    const unknown = { type: 'CartPainted', data: {} } as unknown as CartEvent;
    expect(rowAfter(...filled, unknown)).toMatchObject({ total: 2_999, revision: 3 });
  });

  test('makes rows that the list can show', () => {
    const row = rowAfter(...filled);
    expect(row && cartsTable.item.parse(cartsTable.toItem(row))).toMatchObject({ total: 2_999 });
  });
});
