import { z } from 'zod';
import { entityId, localId, quantity, recordedAt } from '#contracts/fields.js';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { shown, viewTable } from '#contracts/view-table.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView, type RowOf } from '#libs/core/view-definition.js';

const sku = shown('id', entityId);
const reservationId = shown('id', localId);

/** What was asked for. It never changes, so no later event has to repeat it. */
export const reservationsTable = viewTable('reservations_v1', {
  key: ['tenant', 'sku', 'reservationId'],
  owner: 'sku',
  indexes: [
    'btree (tenant, cart_id, sku, reservation_id) WHERE (cart_id IS NOT NULL)',
    'btree (tenant, reservation_id, sku)',
  ],
  row: {
    tenant: 'id',
    sku,
    reservationId,
    cartId: shown('id?', entityId),
    quantity: shown('bigint', quantity),
  },
});

/** The status of each reservation. */
export const reservationStatesTable = viewTable('reservation_states_v1', {
  key: ['tenant', 'sku', 'reservationId'],
  owner: 'sku',
  indexes: ['btree (tenant, status, sku, reservation_id)'],
  fillfactor: 80,
  row: {
    tenant: 'id',
    sku,
    reservationId,
    status: shown(
      'text',
      z.enum([
        'waiting',
        'reserved',
        'confirmed',
        'released',
        'expired',
        'returned',
        'wait-cancelled',
        'wait-expired',
        'wait-declined',
      ]),
    ),
    expiresAt: shown('timestamptz?', recordedAt),
    waitUntil: shown('timestamptz?', recordedAt),
    revision: shown('bigint', z.int().min(0)),
    updatedAt: shown('timestamptz', recordedAt),
  },
});

const tables = { reservations: reservationsTable, states: reservationStatesTable };

/** All reservations ever made. It needs no state: an item may have millions of them. */
export const reservationsView = defineView<null, InventoryEvent, typeof tables>({
  name: 'reservations',
  version: 1,
  category: 'inventory',
  tables,
  initialState: null,
  project(state, event) {
    const standing = standingAfter(event);
    if (!standing) return { state, rows: {} };
    const { asked, ...status } = standing;
    const { tenant, entityId: item, revision, at: updatedAt } = event;
    const named = { tenant, sku: item, reservationId: reservationOf(event) };
    const row = { ...named, expiresAt: null, waitUntil: null, ...status, revision, updatedAt };
    return { state, rows: { states: [row], ...(asked && { reservations: [{ ...named, ...asked }] }) } };
  },
});

interface Standing {
  readonly status: RowOf<typeof reservationStatesTable>['status'];
  readonly expiresAt?: string | null;
  readonly waitUntil?: string;
  readonly asked?: { readonly cartId: string | null; readonly quantity: number };
}

function standingAfter(event: InventoryEvent): Standing | undefined {
  switch (event.type) {
    case 'StockReserved': {
      const { quantity: pieces, cartId = null, expiresAt = null } = event.data;
      return { status: 'reserved', expiresAt, asked: { cartId, quantity: pieces } };
    }
    case 'ReservationQueued': {
      const { quantity: pieces, cartId = null, waitUntil } = event.data;
      return { status: 'waiting', waitUntil, asked: { cartId, quantity: pieces } };
    }
    case 'ReservationExtended':
      return { status: 'reserved', expiresAt: event.data.expiresAt };
    case 'ReservationConfirmed':
      return { status: 'confirmed' };
    case 'ReservationReleased':
      return { status: 'released' };
    case 'ReservationExpired':
      return { status: 'expired' };
    case 'ReservationReturned':
      return { status: 'returned' };
    case 'WaitCancelled':
      return { status: 'wait-cancelled' };
    case 'WaitExpired':
      return { status: 'wait-expired' };
    case 'WaitDeclined':
      return { status: 'wait-declined' };
    default:
      return undefined;
  }
}

function reservationOf({ data }: PublishedEvent<InventoryEvent>): string {
  return 'reservationId' in data ? data.reservationId : '';
}
