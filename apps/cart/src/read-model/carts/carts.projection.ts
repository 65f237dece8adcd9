import { z } from 'zod';
import type { CartEvent } from '#contracts/cart/cart.contract.js';
import { balance, count, currency, entityId, recordedAt } from '#contracts/fields.js';
import { notPersonal } from '#contracts/personal-data.js';
import { shown, viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';
import { evolveCart } from '../../domain/cart.evolve.js';
import { priceCart } from '../../domain/cart.prices.js';
import { type CartState, initialCart, piecesIn } from '../../domain/cart.state.js';

/** One row per cart. */
export const cartsTable = viewTable('carts_v2', {
  key: ['tenant', 'id'],
  owner: 'id',
  indexes: ['btree (tenant, customer_id, id)', 'btree (tenant, status, id)'],
  fillfactor: 80,
  description: 'A cart as the read model shows it, up to `revision`; amounts are minor units',
  row: {
    tenant: 'id',
    id: shown('id', notPersonal(z.string()).meta({ examples: ['cart-7'] })),
    status: shown('text', z.enum(['open', 'checking-out', 'completed', 'abandoned', 'expired'])),
    customerId: shown('id?', entityId),
    currency: shown('text?', currency),
    items: shown('bigint', count.meta({ description: 'Different items' })),
    pieces: shown('bigint', count.meta({ description: 'All pieces of all items' })),
    subtotal: shown('bigint', balance),
    discount: shown('bigint', balance),
    total: shown('bigint', balance),
    revision: shown('bigint', z.int().min(0)),
    createdAt: shown('timestamptz', recordedAt),
    updatedAt: shown('timestamptz', recordedAt),
  },
});

export interface ListedCart {
  readonly cart: CartState;
  readonly createdAt: string;
}

const tables = { carts: cartsTable };

/**
 * Prices are computed in one place only, so a cart is folded and priced as its entity does it. If
 * that changes, the version of this view changes with it.
 */
export const cartsView = defineView<ListedCart, CartEvent, typeof tables>({
  name: 'carts',
  version: 2,
  category: 'cart',
  tables,
  initialState: { cart: initialCart, createdAt: '' },
  project(before, event) {
    const cart = evolveCart(before.cart, event);
    const createdAt = event.type === 'CartCreated' ? event.at : before.createdAt;
    if (cart.status === 'none') return { state: { cart, createdAt }, rows: {} };
    const { lines, subtotal, discount, total } = priceCart(cart);
    const row = {
      tenant: event.tenant,
      id: event.entityId,
      status: cart.status,
      customerId: cart.customerId,
      currency: cart.currency,
      items: lines.length,
      pieces: piecesIn(cart),
      subtotal,
      discount,
      total,
      revision: event.revision,
      createdAt,
      updatedAt: event.at,
    };
    return { state: { cart, createdAt }, rows: { carts: [row] } };
  },
});
