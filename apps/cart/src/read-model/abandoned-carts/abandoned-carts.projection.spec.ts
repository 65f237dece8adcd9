import { describe, expect, test } from '@jest/globals';
import type { CartEvent } from '#contracts/cart/cart.contract.js';
import { foldView } from '#libs/testing/fold-view.js';
import { added, assigned, created, createdByGuest, failed, left } from '../../domain/cart.fixture.js';
import { abandonedCartsView } from './abandoned-carts.projection.js';

function rowsOf(...events: CartEvent[]) {
  return foldView(abandonedCartsView, events).rows.carts;
}

describe('the list of carts that were not bought', () => {
  test('shows what was given up, by whom and why', () => {
    const data = { pieces: 2, total: 1_998, currency: 'USD', reason: 'too dear' };
    expect(rowsOf(created, added('cd', 2, 999), { type: 'CartAbandoned', data })).toEqual([
      {
        tenant: 'default',
        id: 'alice',
        end: 'abandoned',
        customerId: 'alice',
        currency: 'USD',
        pieces: 2,
        total: 1_998,
        reason: 'too dear',
        endedAt: '2026-01-01T00:02:00.000Z',
      },
    ]);
  });

  test('shows what was left alone for too long', () => {
    expect(rowsOf(createdByGuest, left('CartExpired', 2, 1_998))).toMatchObject([
      { end: 'expired', customerId: null, total: 1_998, reason: null },
    ]);
    expect(rowsOf(createdByGuest, assigned, left('CartExpired', 2, 1_998))).toMatchObject([
      { customerId: 'alice' },
    ]);
  });

  test('shows an empty one, which has no currency', () => {
    expect(rowsOf(created, { type: 'CartExpired', data: { pieces: 0, total: 0 } })).toMatchObject([
      { currency: null, total: 0 },
    ]);
  });

  test('leaves out active carts', () => {
    const alive = [created, added('cd', 2, 999), left('CartReminded', 2, 1_998), failed('checkout-1')];
    expect(rowsOf(...alive)).toEqual([]);
  });
});
