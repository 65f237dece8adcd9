import pg from 'pg';
import type { TotalsReader } from '../totals.js';

const SQL = `
  select
    (select count(*) from read_model.accounts_v1 where id like $1 || '%')::int as customers,
    count(*)::int as captures,
    coalesce(sum(amount), 0)::bigint as captured
  from read_model.statement_entries_v1
  where account_id like $1 || '%' and kind = 'hold-captured'`;

/** Adds up the rows of the read models with one SQL statement. */
export function rowsReader(databaseUrl: string, prefix: string): TotalsReader {
  return {
    source: 'rows (PostgreSQL)',
    read: async () => {
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      try {
        const { rows } = await client.query<{ customers: number; captures: number; captured: string }>(SQL, [
          prefix,
        ]);
        const [row] = rows;
        return {
          customers: row?.customers ?? 0,
          captures: row?.captures ?? 0,
          captured: Number(row?.captured ?? 0),
        };
      } finally {
        await client.end();
      }
    },
  };
}
