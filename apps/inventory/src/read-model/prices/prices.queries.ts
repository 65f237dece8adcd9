import { defineList } from '#libs/api/entities/read-route.js';
import { pricesTable, pricesView } from './prices.projection.js';

export const priceList = defineList({
  path: '/v1/prices',
  operationId: 'priceList',
  summary: 'Prices of items, by SKU, currency and start: valid, planned and past ones',
  allow: ['anyone'],
  view: pricesView,
  table: pricesTable,
  filterBy: ['sku', 'currency', 'status'],
  orderBy: ['sku', 'currency', 'validFrom'],
});
