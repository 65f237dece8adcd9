import { defineList } from '#libs/api/entities/read-route.js';
import { booksTable, booksView } from './books.projection.js';

/** `GET /v1/books`, which can also filter by reader. */
export const bookList = defineList({
  path: '/v1/books',
  operationId: 'bookList',
  summary: 'Books, as the read model shows them',
  allow: ['anyone'],
  view: booksView,
  table: booksTable,
  filterBy: ['reader'],
  orderBy: ['id'],
});
