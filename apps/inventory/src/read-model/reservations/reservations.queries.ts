import { z } from 'zod';
import type { RowOf, ViewTable } from '#libs/core/view-definition.js';
import { defineReadRoute } from '#libs/api/entities/read-route.js';
import { findRows } from '#libs/read-model/row-query.js';
import {
  reservationsTable as asked,
  reservationStatesTable as states,
  reservationsView,
} from './reservations.projection.js';

type AskedRow = RowOf<typeof asked>;
type StateRow = RowOf<typeof states>;

const item = asked.item
  .extend(states.item.shape)
  .meta({ description: 'A reservation, open or ended, however long ago' });

export const reservationList = defineReadRoute({
  path: '/v1/reservations',
  operationId: 'reservationList',
  summary: 'Reservations, open and ended: of a cart, of an item, or one by its id',
  allow: ['role:warehouse', 'role:support'],
  query: z.strictObject(
    item.pick({ cartId: true, sku: true, reservationId: true, status: true }).partial().shape,
  ),
  item,
  view: reservationsView,
  find(pool, { query: { cartId, sku, reservationId, status }, ...request }) {
    const isAskedFor = cartId !== undefined || reservationId !== undefined;
    const [table, other] = isAskedFor ? [asked, states] : [states, asked];
    return findRows(pool, {
      ...request,
      table,
      join: { table: other, sql: lookUp(other) },
      where: [
        ['cart_id = ?', cartId],
        ['found.sku = ?', sku],
        ['found.reservation_id = ?', reservationId],
        ['status = ?', status],
      ],
      orderBy: ['sku', 'reservationId'],
      toItem: (row: AskedRow & StateRow) => ({ ...asked.toItem(row), ...states.toItem(row) }),
    });
  },
});

/**
 * Looks up the other half of each row that is found. Left to choose, PostgreSQL expects a join of
 * three columns to find next to nothing, and reads both tables to their ends.
 */
function lookUp({ name }: ViewTable): string {
  return `CROSS JOIN LATERAL (
    SELECT * FROM read_model.${name} half WHERE half.tenant = found.tenant
      AND half.sku = found.sku AND half.reservation_id = found.reservation_id OFFSET 0) half`;
}
