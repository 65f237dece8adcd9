import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { databaseProblem } from '#libs/read-model/database-problem.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { FirstUse } from '#libs/runtime/first-use.js';

/** In a schema of its own, so no rebuild of a read model affects it. */
export const API_KEYS_TABLE = 'identity.api_keys';

// Any number that no other lock of ours uses.
const LOCK = 7_203_117;

/** The table of keys. */
export class ApiKeyTable {
  private readonly table: FirstUse;

  /** Queries in the pool must be limited in time, because requests wait for them. */
  constructor(private readonly pool: Pool) {
    this.table = new FirstUse(() => createTable(pool));
  }

  /**
   * Runs a query. The table is created before the first one. Throws `UnavailableError` if
   * PostgreSQL does not answer.
   */
  async use<T>(query: (pool: Pool) => Promise<T>): Promise<T> {
    try {
      return await this.table.use(() => query(this.pool));
    } catch (error) {
      throw databaseProblem(error) ?? error;
    }
  }

  /** The rows that a statement returns. */
  rows<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.use(async (pool) => (await pool.query<Row>(text, [...values])).rows);
  }
}

/** Any number of processes may do so at the same time. */
async function createTable(pool: Pool): Promise<void> {
  const sql = await readFile(new URL('./api-keys.sql', import.meta.url), 'utf8');
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(sql);
  });
}
