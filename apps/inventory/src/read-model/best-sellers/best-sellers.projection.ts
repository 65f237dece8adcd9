import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { defineView } from '#libs/core/view-definition.js';

/** Pieces of an item that went out and came back on one day: the last one on which any did. */
export interface DaySales {
  readonly day: string;
  readonly sold: number;
  readonly returned: number;
}

const tables = {
  sales: {
    name: 'best_sellers_v1',
    key: ['tenant', 'day', 'sku'],
    owner: 'sku',
    columns: {
      tenant: 'text',
      day: 'text',
      sku: 'text',
      sold: 'bigint',
      returned: 'bigint',
      net: 'bigint',
    },
  },
} as const;

/** What was sold of each item on each day (UTC). The time of an item's events never goes back: one day is enough to know. */
export const bestSellersView = defineView<DaySales, InventoryEvent, typeof tables>({
  name: 'best-sellers',
  version: 1,
  category: 'inventory',
  tables,
  initialState: { day: '', sold: 0, returned: 0 },
  project(before, event) {
    if (event.type !== 'ReservationConfirmed' && event.type !== 'ReservationReturned') {
      return { state: before, rows: {} };
    }
    const day = event.data.endedAt.slice(0, 10);
    const { sold, returned } = before.day === day ? before : { sold: 0, returned: 0 };
    const { quantity } = event.data;
    const state =
      event.type === 'ReservationConfirmed'
        ? { day, sold: sold + quantity, returned }
        : { day, sold, returned: returned + quantity };
    const { tenant, entityId: sku } = event;
    const row = { tenant, sku, ...state, net: state.sold - state.returned };
    return { state, rows: { sales: [row] } };
  },
});
