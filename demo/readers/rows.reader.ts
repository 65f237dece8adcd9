import pg, { type ClientConfig } from 'pg';
import type { TotalsReader } from '../totals.js';

// `$1 || '%'` selects the rows of the data set. Stock rows are those of all CDs.
const SQL = `
  SELECT
    (SELECT count(*) FROM read_model.accounts_v1 WHERE id LIKE $1 || '%') AS customers,
    (SELECT sum(amount) FROM read_model.statement_entries_v1
      WHERE account_id LIKE $1 || '%' AND kind = 'hold-captured') AS captured,
    carts.purchases, carts.sold, reservations.cds, stock.received, stock.left, sales.taken
  FROM
    (SELECT count(*) AS purchases, sum(total) AS sold FROM read_model.carts_v2
      WHERE id LIKE $1 || '%' AND status = 'completed') AS carts,
    (SELECT sum(quantity) AS cds
      FROM read_model.reservations_v1 JOIN read_model.reservation_states_v1 USING (tenant, sku, reservation_id)
      WHERE reservation_id LIKE $1 || '%' AND status = 'confirmed') AS reservations,
    (SELECT sum(received) AS received, sum(on_hand) AS left FROM read_model.stock_v2
      WHERE id ~ '^cd-[ab]-[0-9]+$') AS stock,
    (SELECT sum(net) AS taken FROM read_model.best_sellers_v1 WHERE sku ~ '^cd-[ab]-[0-9]+$') AS sales`;

const columns = ['customers', 'captured', 'purchases', 'sold', 'cds', 'received', 'left', 'taken'] as const;

type Row = Readonly<Record<(typeof columns)[number], string | null>>;

/** Adds up the rows of six read models with one SQL statement. */
export function rowsReader(database: ClientConfig, prefix: string): TotalsReader {
  return {
    source: 'rows (PostgreSQL)',
    read: async () => {
      const client = new pg.Client(database);
      await client.connect();
      try {
        const { rows } = await client.query<Row>(SQL, [prefix]);
        const value = (name: (typeof columns)[number]): number => Number(rows[0]?.[name] ?? 0);
        const stock = { received: value('received'), left: value('left'), taken: value('taken') };
        return {
          customers: value('customers'),
          purchases: value('purchases'),
          cds: value('cds'),
          sold: value('sold'),
          captured: value('captured'),
          stock,
        };
      } finally {
        await client.end();
      }
    },
  };
}
