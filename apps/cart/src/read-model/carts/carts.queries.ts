import { defineList } from '#libs/api/entities/read-route.js';
import { cartsTable, cartsView } from './carts.projection.js';

export const cartList = defineList({
  path: '/v1/carts',
  operationId: 'cartList',
  summary: 'Carts, of a customer or in a status',
  allow: ['owner', 'role:storefront', 'role:support'],
  view: cartsView,
  table: cartsTable,
  ownedBy: 'customerId',
  filterBy: ['customerId', 'status'],
  orderBy: ['id'],
});
