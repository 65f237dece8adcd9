import type { CartEvent } from '#contracts/cart/cart.contract.js';
import { defineView } from '#libs/core/view-definition.js';

/** Whose cart it is, as far as anybody knows. */
export interface CartOwner {
  readonly customerId: string | null;
}

const tables = {
  carts: {
    name: 'abandoned_carts_v1',
    key: ['tenant', 'id'],
    owner: 'id',
    indexes: ['btree (tenant, ending, ended_at DESC, id DESC)', 'btree (tenant, total)'],
    columns: {
      tenant: 'text',
      id: 'text',
      ending: 'text',
      customer_id: 'text?',
      currency: 'text?',
      pieces: 'bigint',
      total: 'bigint',
      reason: 'text?',
      ended_at: 'timestamptz',
    },
  },
} as const;

/** The carts that were not bought, with what they were worth. */
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
    const { pieces, total, currency = null } = event.data;
    const row = {
      tenant: event.tenant,
      id: event.entityId,
      ending: event.type === 'CartExpired' ? 'expired' : 'abandoned',
      customer_id: state.customerId,
      currency,
      pieces,
      total,
      reason: ('reason' in event.data && event.data.reason) || null,
      ended_at: event.at,
    };
    return { state, rows: { carts: [row] } };
  },
});
