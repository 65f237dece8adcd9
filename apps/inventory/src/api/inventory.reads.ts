import { z } from 'zod';
import { entityId, localId } from '#contracts/fields.js';
import {
  bestSellerRow,
  reservationRow,
  reservationStatus,
  stockRow,
} from '#contracts/inventory/inventory.views.js';
import { defineReadRoute, type ReadRoute } from '#libs/api/entities/read-route.js';
import { bestSellersView } from '../read-model/best-sellers/best-sellers.projection.js';
import { findBestSellers } from '../read-model/best-sellers/best-sellers.queries.js';
import { reservationsView } from '../read-model/reservations/reservations.projection.js';
import { findReservations } from '../read-model/reservations/reservations.queries.js';
import { stockView } from '../read-model/stock/stock.projection.js';
import { findStock } from '../read-model/stock/stock.queries.js';

/** The lists of the inventory service. */
export const inventoryReads: readonly ReadRoute[] = [
  defineReadRoute({
    path: '/v1/inventory',
    operationId: 'inventoryList',
    summary: 'Stock levels, by SKU',
    query: z.strictObject({
      status: stockRow.shape.status.optional(),
      level: z
        .enum(['low', 'sold-out', 'awaited'])
        .optional()
        .meta({ description: 'At or below the reorder point; nothing available; somebody in line' }),
    }),
    item: stockRow,
    view: stockView,
    find: (pool, { query, limit, cursor }) => findStock(pool, { ...query, limit, cursor }),
  }),
  defineReadRoute({
    path: '/v1/reservations',
    operationId: 'reservationList',
    summary: 'Reservations, open and ended: of a cart, of an item, or one by its id',
    query: z.strictObject({
      cartId: entityId.optional(),
      sku: entityId.optional(),
      reservationId: localId.optional(),
      status: reservationStatus.optional(),
    }),
    item: reservationRow,
    view: reservationsView,
    find: (pool, { query, limit, cursor }) => findReservations(pool, { ...query, limit, cursor }),
  }),
  defineReadRoute({
    path: '/v1/best-sellers',
    operationId: 'bestSellerList',
    summary: 'What sold best on a day',
    query: z.strictObject({ day: bestSellerRow.shape.day }),
    item: bestSellerRow,
    view: bestSellersView,
    find: (pool, { query, limit, cursor }) => findBestSellers(pool, { ...query, limit, cursor }),
  }),
];
