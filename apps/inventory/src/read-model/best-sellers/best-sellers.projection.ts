import { z } from 'zod';
import { count, entityId } from '#contracts/fields.js';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { shown, viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';

const day = z.iso
  .date()
  .regex(/^(?:[1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])-/, 'must be of the year 1 or later')
  .meta({ examples: ['2026-12-31'] });

/** One row per day (UTC) and item. */
export const bestSellersTable = viewTable('best_sellers_v1', {
  key: ['tenant', 'day', 'sku'],
  owner: 'sku',
  indexes: ['btree (tenant, day, net DESC, sku DESC)'],
  fillfactor: 80,
  description: 'What was sold of an item on a day (UTC), best first by sold less returned',
  row: {
    tenant: 'id',
    day: shown('id', day),
    sku: shown('id', entityId),
    sold: shown('bigint', count.meta({ description: 'Pieces that went out on that day' })),
    returned: shown('bigint', count.meta({ description: 'Pieces that came back on that day' })),
    net: 'bigint',
  },
});

/** Pieces of an item that went out and came back on the last day on which any did. */
export interface DaySales {
  readonly day: string;
  readonly sold: number;
  readonly returned: number;
}

const tables = { sales: bestSellersTable };

/** The time of an item's events never goes back, so the state needs to hold only one day. */
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
    const { quantity, endedAt } = event.data;
    const today = endedAt.slice(0, 10);
    const { sold, returned } = before.day === today ? before : { sold: 0, returned: 0 };
    const state =
      event.type === 'ReservationConfirmed'
        ? { day: today, sold: sold + quantity, returned }
        : { day: today, sold, returned: returned + quantity };
    const { tenant, entityId: sku } = event;
    const row = { tenant, sku, ...state, net: state.sold - state.returned };
    return { state, rows: { sales: [row] } };
  },
});
