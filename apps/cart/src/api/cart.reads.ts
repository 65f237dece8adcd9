import { z } from 'zod';
import { abandonedCartRow, cartRow } from '#contracts/cart/cart.views.js';
import { currency, entityId } from '#contracts/fields.js';
import { wholeNumberParameter } from '#libs/api/entities/page-query.js';
import { defineReadRoute, type ReadRoute } from '#libs/api/entities/read-route.js';
import { abandonedCartsView } from '../read-model/abandoned-carts/abandoned-carts.projection.js';
import { findAbandonedCarts } from '../read-model/abandoned-carts/abandoned-carts.queries.js';
import { cartsView } from '../read-model/carts/carts.projection.js';
import { findCarts } from '../read-model/carts/carts.queries.js';

/** The lists of the cart service. */
export const cartReads: readonly ReadRoute[] = [
  defineReadRoute({
    path: '/v1/carts',
    operationId: 'cartList',
    summary: 'Carts, of a customer or in a status',
    query: z.strictObject({ customerId: entityId.optional(), status: cartRow.shape.status.optional() }),
    item: cartRow,
    view: cartsView,
    find: (pool, { query, limit, cursor }) => findCarts(pool, { ...query, limit, cursor }),
  }),
  defineReadRoute({
    path: '/v1/abandoned-carts',
    operationId: 'abandonedCartList',
    summary: 'Carts that were not bought and what they were worth, the latest first',
    query: z.strictObject({
      end: abandonedCartRow.shape.end.optional(),
      currency: currency.optional(),
      minTotal: wholeNumberParameter.optional().meta({ description: 'Minor units' }),
    }),
    item: abandonedCartRow,
    view: abandonedCartsView,
    find: (pool, { query, limit, cursor }) => findAbandonedCarts(pool, { ...query, limit, cursor }),
  }),
];
