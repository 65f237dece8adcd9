import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import type { ReservationStatus } from '#contracts/inventory/inventory.views.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView } from '#libs/core/view-definition.js';

const key = ['tenant', 'sku', 'reservation_id'] as const;

// What was asked for and where it stands are rows of their own: so no event has to repeat what an earlier one said.
const tables = {
  reservations: {
    name: 'reservations_v1',
    key,
    owner: 'sku',
    indexes: ['btree (tenant, reservation_id, sku)'],
    columns: {
      tenant: 'text',
      sku: 'text',
      reservation_id: 'text',
      cart_id: 'text?',
      quantity: 'bigint',
    },
  },
  states: {
    name: 'reservation_states_v1',
    key,
    owner: 'sku',
    indexes: ['btree (tenant, status, sku, reservation_id)'],
    columns: {
      tenant: 'text',
      sku: 'text',
      reservation_id: 'text',
      status: 'text',
      expires_at: 'timestamptz?',
      wait_until: 'timestamptz?',
      revision: 'bigint',
      updated_at: 'timestamptz',
    },
  },
} as const;

/** All reservations ever made. Needs no state: an item may have millions of them. */
export const reservationsView = defineView<null, InventoryEvent, typeof tables>({
  name: 'reservations',
  version: 1,
  category: 'inventory',
  tables,
  initialState: null,
  project(state, event) {
    const standing = standingAfter(event);
    if (!standing) return { state, rows: {} };
    const { asked, ...shown } = standing;
    const { tenant, entityId: sku, revision, at } = event;
    const named = { tenant, sku, reservation_id: reservationOf(event) };
    const row = { ...named, expires_at: null, wait_until: null, ...shown, revision, updated_at: at };
    return { state, rows: { states: [row], ...(asked && { reservations: [{ ...named, ...asked }] }) } };
  },
});

interface Standing {
  readonly status: ReservationStatus;
  readonly expires_at?: string | null;
  readonly wait_until?: string;
  readonly asked?: { readonly cart_id: string | null; readonly quantity: number };
}

function standingAfter(event: InventoryEvent): Standing | undefined {
  switch (event.type) {
    case 'StockReserved': {
      const { quantity, cartId = null, expiresAt = null } = event.data;
      return { status: 'reserved', expires_at: expiresAt, asked: { cart_id: cartId, quantity } };
    }
    case 'ReservationQueued': {
      const { quantity, cartId = null, waitUntil } = event.data;
      return { status: 'waiting', wait_until: waitUntil, asked: { cart_id: cartId, quantity } };
    }
    case 'ReservationExtended':
      return { status: 'reserved', expires_at: event.data.expiresAt };
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
