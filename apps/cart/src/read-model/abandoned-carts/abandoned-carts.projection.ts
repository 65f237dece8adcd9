import { z } from 'zod';
import type { CartEvent } from '#contracts/cart/cart.contract.js';
import { balance, count, currency, entityId, recordedAt, text } from '#contracts/fields.js';
import { notPersonal } from '#contracts/personal-data.js';
import { shown, viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';

/** One row per cart that was not bought. */
export const abandonedCartsTable = viewTable('abandoned_carts_v1', {
  key: ['tenant', 'id'],
  owner: 'id',
  indexes: [
    'btree (tenant, ended_at DESC, id DESC)',
    'btree (tenant, currency, ended_at DESC, id DESC)',
    'btree (tenant, ending, ended_at DESC, id DESC)',
    'btree (tenant, total)',
  ],
  description: 'A cart that was not bought, and what it was worth',
  row: {
    tenant: 'id',
    id: shown('id', notPersonal(z.string()).meta({ examples: ['cart-7'] })),
    end: shown(
      'text',
      z.enum(['abandoned', 'expired']).meta({ description: 'Given up, or left alone for too long' }),
      'ending',
    ),
    customerId: shown('id?', entityId),
    currency: shown('text?', currency),
    pieces: shown('bigint', count),
    total: shown('bigint', balance.meta({ description: 'What it would have cost, in minor units' })),
    reason: shown('text?', text(500)),
    endedAt: shown('timestamptz', recordedAt),
  },
});

/** The customer of a cart, as far as known. */
export interface CartOwner {
  readonly customerId: string | null;
}

const tables = { carts: abandonedCartsTable };

export const abandonedCartsView = defineView<CartOwner, CartEvent, typeof tables>({
  name: 'abandoned-carts',
  version: 1,
  category: 'cart',
  tables,
  initialState: { customerId: null },
  project(state, event) {
    if (event.type === 'CartCreated' || event.type === 'CustomerAssigned') {
      return { state: { customerId: event.data.customerId ?? null }, rows: {} };
    }
    if (event.type !== 'CartAbandoned' && event.type !== 'CartExpired') return { state, rows: {} };
    const { pieces, total, currency: priced } = event.data;
    const row = {
      tenant: event.tenant,
      id: event.entityId,
      end: event.type === 'CartExpired' ? ('expired' as const) : ('abandoned' as const),
      customerId: state.customerId,
      currency: priced,
      pieces,
      total,
      reason: ('reason' in event.data && event.data.reason) || null,
      endedAt: event.at,
    };
    return { state, rows: { carts: [row] } };
  },
});
