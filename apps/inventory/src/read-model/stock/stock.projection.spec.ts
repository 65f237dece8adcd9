import { describe, expect, test } from '@jest/globals';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { foldView } from '#libs/testing/fold-view.js';
import {
  adjusted,
  backInStock,
  discontinued,
  ended,
  queued,
  received,
  reorderPointSet,
  reserved,
} from '../../domain/inventory.fixture.js';
import { stockView } from './stock.projection.js';

const later = '2100-01-02T00:00:00.000Z';

/** The row after the last of these events. */
function rowAfter(...events: InventoryEvent[]) {
  return foldView(stockView, events).rows.stock.at(-1);
}

describe('the list of stock', () => {
  test('shows an item from its first receipt on', () => {
    expect(rowAfter(received(5))).toEqual({
      tenant: 'default',
      id: 'alice',
      status: 'active',
      onHand: 5,
      reserved: 0,
      available: 5,
      received: 5,
      adjusted: 0,
      sold: 0,
      waiting: 0,
      awaited: 0,
      reorderPoint: null,
      revision: 0,
      updatedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  const set = [received(9), reserved('r-1', 4)];

  test.each<[string, InventoryEvent[], object]>([
    ['corrected', [adjusted(-2)], { onHand: 7, reserved: 4, available: 3, adjusted: -2 }],
    [
      'confirmed',
      [ended('ReservationConfirmed', 'r-1', 4)],
      { onHand: 5, reserved: 0, available: 5, sold: 4 },
    ],
    ['released', [ended('ReservationReleased', 'r-1', 4)], { onHand: 9, reserved: 0, available: 9 }],
    ['expired', [ended('ReservationExpired', 'r-1', 4)], { onHand: 9, reserved: 0, available: 9 }],
    [
      'returned',
      [ended('ReservationConfirmed', 'r-1', 4), ended('ReservationReturned', 'r-1', 4)],
      { onHand: 9, reserved: 0, available: 9, received: 9, sold: 0 },
    ],
    ['low', [reorderPointSet(6)], { reorderPoint: 6, available: 5 }],
    ['back', [backInStock(5)], { available: 5, revision: 2 }],
    ['discontinued', [discontinued], { status: 'discontinued', available: 5 }],
  ])('shows what is left when pieces were %s', (_, events, shown) => {
    expect(rowAfter(...set, ...events)).toMatchObject(shown);
  });

  test('counts who waits, and for how much, until it is served or leaves', () => {
    const line = [...set, queued('w-1', 6, later), queued('w-2', 7, later), queued('w-3', 8, later)];
    expect(rowAfter(...line)).toMatchObject({ waiting: 3, awaited: 21, reserved: 4 });
    const served = reserved('w-1', 6, { servedAt: later });
    const left = [...line, received(9), served, ended('WaitCancelled', 'w-2', 7)];
    expect(rowAfter(...left)).toMatchObject({ waiting: 1, awaited: 8, reserved: 10, available: 8 });
    for (const end of ['WaitExpired', 'WaitDeclined'] as const) {
      expect(rowAfter(...left, ended(end, 'w-3', 8))).toMatchObject({ waiting: 0, awaited: 0 });
    }
  });

  test('keeps its row, and shows the revision, for an event of a later version', () => {
    const unknown = { type: 'StockMoved', data: {} } as unknown as InventoryEvent;
    expect(rowAfter(...set, unknown)).toMatchObject({ onHand: 9, reserved: 4, revision: 2 });
  });
});
