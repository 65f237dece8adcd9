import type { Pool } from 'pg';
import type { CartRow } from '#contracts/cart/cart.views.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeIdCursor, encodeCursor, type Page } from '#libs/read-model/page.js';
import { cartsView } from './carts.projection.js';

export interface CartsFilter {
  readonly customerId?: string | undefined;
  readonly status?: CartRow['status'] | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant?: string;
}

interface Found {
  readonly id: string;
  readonly status: CartRow['status'];
  readonly customer_id: string | null;
  readonly currency: string | null;
  readonly items: string;
  readonly pieces: string;
  readonly subtotal: string;
  readonly discount: string;
  readonly total: string;
  readonly revision: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A page in the order of the ids. Throws `InvalidCursorError`. */
export async function findCarts(pool: Pool, filter: CartsFilter): Promise<Page<CartRow>> {
  const { customerId, status, limit, cursor, tenant = DEFAULT_TENANT } = filter;
  return findPage(pool, {
    select: `SELECT * FROM read_model.${cartsView.tables.carts.name}`,
    where: [
      ['tenant = ?', tenant],
      ['id > ?', decodeIdCursor(cursor)],
      ['customer_id = ?', customerId],
      ['status = ?', status],
    ],
    orderBy: 'id',
    limit,
    toItem: toRow,
    cursorOf: ({ id }) => encodeCursor(id),
  });
}

function toRow(found: Found): CartRow {
  return {
    id: found.id,
    status: found.status,
    ...(found.customer_id !== null && { customerId: found.customer_id }),
    ...(found.currency !== null && { currency: found.currency }),
    items: Number(found.items),
    pieces: Number(found.pieces),
    subtotal: Number(found.subtotal),
    discount: Number(found.discount),
    total: Number(found.total),
    revision: Number(found.revision),
    createdAt: found.created_at.toISOString(),
    updatedAt: found.updated_at.toISOString(),
  };
}
