import { describe, expect, test } from '@jest/globals';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { foldView } from '#libs/testing/fold-view.js';
import { ended, received, reserved } from '../../domain/inventory.fixture.js';
import { bestSellersView } from './best-sellers.projection.js';

const monday = '2026-11-23T23:59:59.999Z';
const tuesday = '2026-11-24T00:00:00.000Z';

function salesOf(...events: InventoryEvent[]) {
  return foldView(bestSellersView, events).rows.sales;
}

describe('the best sellers', () => {
  test('count sales by day', () => {
    const rows = salesOf(
      received(20),
      ended('ReservationConfirmed', 'r-1', 2, monday),
      ended('ReservationConfirmed', 'r-2', 3, monday),
      ended('ReservationConfirmed', 'r-3', 5, tuesday),
    );
    const key = { tenant: 'default', sku: 'alice' };
    expect(rows).toEqual([
      { ...key, day: '2026-11-23', sold: 2, returned: 0, net: 2 },
      { ...key, day: '2026-11-23', sold: 5, returned: 0, net: 5 },
      { ...key, day: '2026-11-24', sold: 5, returned: 0, net: 5 },
    ]);
  });

  test('count returns on the day of the return', () => {
    const rows = salesOf(
      ended('ReservationConfirmed', 'r-1', 2, monday),
      ended('ReservationReturned', 'r-1', 2, tuesday),
    );
    expect(rows.at(-1)).toMatchObject({ day: '2026-11-24', sold: 0, returned: 2, net: -2 });
  });

  test('count nothing that was only reserved', () => {
    expect(salesOf(reserved('r-1', 2), ended('ReservationReleased', 'r-1', 2, monday))).toEqual([]);
  });
});
