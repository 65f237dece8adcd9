import { wholeNumberParameter } from '#libs/api/entities/page-query.js';
import { defineList } from '#libs/api/entities/read-route.js';
import { abandonedCartsTable, abandonedCartsView } from './abandoned-carts.projection.js';

export const abandonedCartList = defineList({
  path: '/v1/abandoned-carts',
  operationId: 'abandonedCartList',
  summary: 'Carts that were not bought and what they were worth, the latest first',
  allow: ['role:storefront', 'role:support'],
  view: abandonedCartsView,
  table: abandonedCartsTable,
  filterBy: ['end', 'currency'],
  query: { minTotal: wholeNumberParameter.optional().meta({ description: 'Minor units' }) },
  where: ({ minTotal }) => [['total >= ?', minTotal]],
  orderBy: ['endedAt', 'id'],
  descending: true,
});
