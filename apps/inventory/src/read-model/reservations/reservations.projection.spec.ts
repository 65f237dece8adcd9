import { describe, expect, test } from '@jest/globals';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { foldView } from '#libs/testing/fold-view.js';
import { adjusted, ended, queued, received, reserved } from '../../domain/inventory.fixture.js';
import { reservationsView } from './reservations.projection.js';

const soon = '2100-01-01T01:00:00.000Z';
const later = '2100-01-02T00:00:00.000Z';

function rowsOf(...events: InventoryEvent[]) {
  return foldView(reservationsView, events).rows;
}

describe('the list of reservations', () => {
  const key = { tenant: 'default', sku: 'alice', reservationId: 'r-1' };

  test('shows what was asked for, and of which cart', () => {
    const { reservations, states } = rowsOf(
      received(9),
      reserved('r-1', 4, { cartId: 'cart-7', expiresAt: soon }),
    );
    expect(reservations).toEqual([{ ...key, cartId: 'cart-7', quantity: 4 }]);
    expect(states).toEqual([
      {
        ...key,
        status: 'reserved',
        expiresAt: soon,
        waitUntil: null,
        revision: 1,
        updatedAt: '2026-01-01T00:01:00.000Z',
      },
    ]);
  });

  test('shows who waits, and until when', () => {
    const { reservations, states } = rowsOf(received(1), queued('r-1', 4, later, { cartId: 'cart-7' }));
    expect(reservations).toEqual([{ ...key, cartId: 'cart-7', quantity: 4 }]);
    expect(states).toMatchObject([{ status: 'waiting', waitUntil: later, expiresAt: null }]);
  });

  test('shows a served reservation as it was queued', () => {
    const [first, second] = rowsOf(
      queued('r-1', 4, later, { cartId: 'cart-7' }),
      reserved('r-1', 4, { cartId: 'cart-7', servedAt: soon }),
    ).reservations;
    expect(second).toEqual(first);
  });

  test.each([
    ['ReservationConfirmed', 'confirmed'],
    ['ReservationReleased', 'released'],
    ['ReservationExpired', 'expired'],
    ['ReservationReturned', 'returned'],
    ['WaitCancelled', 'wait-cancelled'],
    ['WaitExpired', 'wait-expired'],
    ['WaitDeclined', 'wait-declined'],
  ] as const)('shows how it ended: %s', (type, status) => {
    const { reservations, states } = rowsOf(ended(type, 'r-1', 4));
    expect(states).toMatchObject([{ ...key, status, expiresAt: null, waitUntil: null }]);
    expect(reservations).toEqual([]);
  });

  test('shows the later end of one that was extended', () => {
    const extended: InventoryEvent = {
      type: 'ReservationExtended',
      data: { reservationId: 'r-1', expiresAt: later },
    };
    expect(rowsOf(extended).states).toMatchObject([{ status: 'reserved', expiresAt: later }]);
  });

  test('has no row for what is about none', () => {
    const unknown = { type: 'StockMoved', data: {} } as unknown as InventoryEvent;
    expect(rowsOf(received(5), adjusted(1), unknown)).toEqual({ reservations: [], states: [] });
  });
});
