import type { CartEvent } from '#contracts/cart/cart.contract.js';
import { defineView } from '#libs/core/view-definition.js';
import { evolveCart } from '../../domain/cart.evolve.js';
import { priceCart } from '../../domain/cart.prices.js';
import { type CartState, initialCart, piecesIn } from '../../domain/cart.state.js';

export interface ListedCart {
  readonly cart: CartState;
  readonly createdAt: string;
}

const tables = {
  carts: {
    name: 'carts_v2',
    key: ['tenant', 'id'],
    owner: 'id',
    columns: {
      tenant: 'text',
      id: 'text',
      status: 'text',
      customer_id: 'text?',
      currency: 'text?',
      items: 'bigint',
      pieces: 'bigint',
      subtotal: 'bigint',
      discount: 'bigint',
      total: 'bigint',
      revision: 'bigint',
      created_at: 'timestamptz',
      updated_at: 'timestamptz',
    },
  },
} as const;

/**
 * The list of carts: a row each. A price is made in one place only, so it is folded and priced as the cart itself does;
 * when that changes, so does the version of this view.
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
    const { lines, subtotal, discount, total } = priceCart(cart);
    const row = {
      tenant: event.tenant,
      id: event.entityId,
      status: cart.status,
      customer_id: cart.customerId ?? null,
      currency: cart.currency ?? null,
      items: lines.length,
      pieces: piecesIn(cart),
      subtotal,
      discount,
      total,
      revision: event.revision,
      created_at: createdAt,
      updated_at: event.at,
    };
    return { state: { cart, createdAt }, rows: { carts: [row] } };
  },
});
