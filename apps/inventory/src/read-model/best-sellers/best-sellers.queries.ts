import { defineList } from '#libs/api/entities/read-route.js';
import { bestSellersTable, bestSellersView } from './best-sellers.projection.js';

/** The items of a day, best first. An item of which as much came back as went out is left out. */
export const bestSellerList = defineList({
  path: '/v1/best-sellers',
  operationId: 'bestSellerList',
  summary: 'What sold best on a day',
  allow: ['anyone'],
  view: bestSellersView,
  table: bestSellersTable,
  query: { day: bestSellersTable.item.shape.day },
  where: ({ day }) => [['day = ?', day], ['net > 0']],
  orderBy: ['net', 'sku'],
  descending: true,
});
