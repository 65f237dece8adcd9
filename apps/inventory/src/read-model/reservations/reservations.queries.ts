import type { Pool } from 'pg';
import type { ReservationRow, ReservationStatus } from '#contracts/inventory/inventory.views.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import { findPage } from '#libs/read-model/list-query.js';
import { decodeCursorParts, encodeCursor, type Page } from '#libs/read-model/page.js';
import { reservationsView } from './reservations.projection.js';

export interface ReservationsFilter {
  readonly cartId?: string | undefined;
  readonly sku?: string | undefined;
  readonly reservationId?: string | undefined;
  readonly status?: ReservationStatus | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant?: string;
}

interface Found {
  readonly sku: string;
  readonly reservation_id: string;
  readonly cart_id: string | null;
  readonly quantity: string;
  readonly status: ReservationStatus;
  readonly expires_at: Date | null;
  readonly wait_until: Date | null;
  readonly revision: string;
  readonly updated_at: Date;
}

const CURSOR = /^([A-Za-z0-9._~@:-]{1,200})\/([A-Za-z0-9._~@:-]{1,100})$/;

/** A page in the order of the SKUs, and of the reservations of each. Throws `InvalidCursorError`. */
export async function findReservations(
  pool: Pool,
  filter: ReservationsFilter,
): Promise<Page<ReservationRow>> {
  const { cartId, sku, reservationId, status, limit, cursor, tenant = DEFAULT_TENANT } = filter;
  const [lastSku, lastId] = decodeCursorParts(cursor, CURSOR);
  return findPage(pool, {
    select: selectBy(cartId === undefined && reservationId === undefined ? 'state' : 'asked'),
    where: [
      ['found.tenant = ?', tenant],
      ['(found.sku, found.reservation_id) > (?, ?)', lastSku, lastId],
      ['cart_id = ?', cartId],
      ['found.sku = ?', sku],
      ['found.reservation_id = ?', reservationId],
      ['status = ?', status],
    ],
    orderBy: 'found.sku, found.reservation_id',
    limit,
    toItem: toRow,
    cursorOf: (last) => encodeCursor(`${last.sku}/${last.reservationId}`),
  });
}

/**
 * Finds rows in one of the two tables, and looks up the other half of each. Left to choose, PostgreSQL expects a join of three
 * columns to find next to nothing, and reads both tables to their ends.
 */
function selectBy(first: 'asked' | 'state'): string {
  const { reservations, states } = reservationsView.tables;
  const [from, other] = first === 'asked' ? [reservations, states] : [states, reservations];
  return `SELECT * FROM read_model.${from.name} found CROSS JOIN LATERAL (
            SELECT * FROM read_model.${other.name} half WHERE half.tenant = found.tenant
              AND half.sku = found.sku AND half.reservation_id = found.reservation_id OFFSET 0) half`;
}

function toRow(found: Found): ReservationRow {
  const { sku, reservation_id: reservationId, cart_id, status, expires_at, wait_until } = found;
  return {
    sku,
    reservationId,
    ...(cart_id !== null && { cartId: cart_id }),
    quantity: Number(found.quantity),
    status,
    ...(expires_at && { expiresAt: expires_at.toISOString() }),
    ...(wait_until && { waitUntil: wait_until.toISOString() }),
    revision: Number(found.revision),
    updatedAt: found.updated_at.toISOString(),
  };
}
