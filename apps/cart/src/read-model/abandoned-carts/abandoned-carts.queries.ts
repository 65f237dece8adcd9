import type { Pool } from 'pg';
import type { AbandonedCartRow } from '#contracts/cart/cart.views.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeCursorParts, decodeMoment, encodeCursor, type Page } from '#libs/read-model/page.js';
import { abandonedCartsView } from './abandoned-carts.projection.js';

export interface AbandonedCartsFilter {
  readonly end?: AbandonedCartRow['end'] | undefined;
  readonly currency?: string | undefined;
  /** Minor units. */
  readonly minTotal?: number | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant?: string;
}

interface Found {
  readonly id: string;
  readonly ending: AbandonedCartRow['end'];
  readonly customer_id: string | null;
  readonly currency: string | null;
  readonly pieces: string;
  readonly total: string;
  readonly reason: string | null;
  readonly ended_at: Date;
}

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([A-Za-z0-9._~@:-]{1,200})$/;

/** A page, the latest first. Throws `InvalidCursorError`. */
export async function findAbandonedCarts(
  pool: Pool,
  filter: AbandonedCartsFilter,
): Promise<Page<AbandonedCartRow>> {
  const { end, currency, minTotal, limit, cursor, tenant = DEFAULT_TENANT } = filter;
  const [lastEnd, lastId] = decodeCursorParts(cursor, CURSOR);
  return findPage(pool, {
    select: `SELECT * FROM read_model.${abandonedCartsView.tables.carts.name}`,
    where: [
      ['tenant = ?', tenant],
      ['(ended_at, id) < (?, ?)', decodeMoment(lastEnd), lastId],
      ['ending = ?', end],
      ['currency = ?', currency],
      ['total >= ?', minTotal],
    ],
    orderBy: 'ended_at DESC, id DESC',
    limit,
    toItem: toRow,
    cursorOf: ({ endedAt, id }) => encodeCursor(`${endedAt}/${id}`),
  });
}

function toRow(found: Found): AbandonedCartRow {
  const { id, ending: end, customer_id, currency, reason } = found;
  return {
    id,
    end,
    ...(customer_id !== null && { customerId: customer_id }),
    ...(currency !== null && { currency }),
    pieces: Number(found.pieces),
    total: Number(found.total),
    ...(reason !== null && { reason }),
    endedAt: found.ended_at.toISOString(),
  };
}
