import type { Pool } from 'pg';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import type { LowStock } from '../flows/low-stock-digest.flow.js';
import { stockList } from '../read-model/stock/stock.queries.js';

/** A mail that lists more is read by nobody. */
const MOST_ITEMS = 100;

/** Reads which items of the flow's tenant are low. Discontinued ones are not to be ordered. */
export function lowStockCall(pool: Pool): Call {
  return async (_data, _key, stream) => {
    const { data, nextCursor } = await stockList.find(pool, {
      id: '',
      query: { level: 'low', status: 'active' },
      tenant: parseStreamName(stream)?.tenant ?? '',
      limit: MOST_ITEMS,
    });
    const items = data.map(({ id: sku, available, reorderPoint, awaited }) => {
      return { sku, available, reorderPoint: reorderPoint ?? 0, awaited };
    });
    const low: LowStock = { items, hasMore: nextCursor !== undefined };
    return { ...low } as unknown as JsonObject;
  };
}
