import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { accountService } from '../../apps/account/src/account.service.js';
import { accountsView } from '../../apps/account/src/read-model/accounts/accounts.projection.js';
import { accountList } from '../../apps/account/src/read-model/accounts/accounts.queries.js';
import { cartConfig } from '../../apps/cart/src/cart.config.js';
import { cartService } from '../../apps/cart/src/cart.service.js';
import { deskConfig } from '../../apps/desk/src/desk.config.js';
import { deskService } from '../../apps/desk/src/desk.service.js';
import { inventoryConfig } from '../../apps/inventory/src/inventory.config.js';
import { inventoryService } from '../../apps/inventory/src/inventory.service.js';
import { viewTable } from '#contracts/view-table.js';
import { readConfig } from '#libs/api/http/read-config.js';
import { type AnyView, defineView } from '#libs/core/view-definition.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import { TableChangedError } from '#libs/read-model/read-model.errors.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { ViewFolder } from '#libs/read-model/view-folder.js';
import { buildIndexes } from '#libs/read-model/view-indexes.js';
import { tablesOf } from '#libs/read-model/view-tables.js';
import { keptViewsOf } from '#libs/service/hosted-entity.js';
import { logger, newEvent, openPool, recorded } from './read-path-kit.js';

const services = [
  accountService(),
  cartService(readConfig(cartConfig, {})),
  inventoryService(inventoryConfig.parse({})),
  deskService(readConfig(deskConfig, {})),
];
const views = services.flatMap(({ entities }) => entities.flatMap(keptViewsOf));
const [fresh, existing] = ['fresh', 'existing'].map((name) => `${name}_${randomUUID().replaceAll('-', '')}`);

let admin: Pool;
const pools: Pool[] = [];

beforeAll(() => {
  admin = openPool();
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  for (const database of [fresh, existing])
    await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await admin.end();
});

async function createDatabase(name: string): Promise<Pool> {
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(String(process.env['DATABASE_URL']));
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href });
  // Dropping the database may end a connection that is still closing.
  pool.on('error', () => undefined);
  pools.push(pool);
  return pool;
}

/** Everything that PostgreSQL knows about the tables of all views, but for the names of indexes. */
async function shapeOf(pool: Pool): Promise<readonly string[]> {
  const names = tablesOf(views).map(({ name }) => name);
  const { rows } = await pool.query<{ line: string }>(
    `SELECT concat_ws(' ', class.relname, class.reloptions::text, attnum, attname, format_type(atttypid, atttypmod),
              attnotnull, attcollation::regcollation, pg_get_expr(adbin, adrelid)) AS line
     FROM pg_class class JOIN pg_attribute ON attrelid = class.oid AND attnum > 0
     LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE relnamespace = 'read_model'::regnamespace AND relkind = 'r' AND relname = ANY ($1)
     UNION ALL
     SELECT concat_ws(' ', class.relname, indisprimary, indisunique, indisvalid,
              regexp_replace(pg_get_indexdef(indexrelid), '^.*? USING ', ''))
     FROM pg_index JOIN pg_class class ON class.oid = indrelid
     WHERE relnamespace = 'read_model'::regnamespace AND relname = ANY ($1) ORDER BY line`,
    [names],
  );
  return rows.map(({ line }) => line);
}

/** Applies these events of alice to her account's row. */
async function fold(
  pool: Pool,
  from: number,
  ...events: readonly [type: string, data: object][]
): Promise<void> {
  const folder = new ViewFolder({ view: accountsView, store: {} as EventStore, logger });
  const published = events.map(([type, data], index) =>
    toPublishedEvent(recorded('account-default.alice', from + index, newEvent(type, data as never))),
  );
  await inTransaction(pool, (client) => folder.foldTogether(client, published));
}

describe('a database whose tables were created by SQL files', () => {
  let pool: Pool;

  beforeAll(async () => {
    pool = await createDatabase(String(existing));
    await migrateReadModel(pool, []);
    await pool.query(await readFile(new URL('./existing-tables.sql', import.meta.url), 'utf8'));
    await pool.query(
      `INSERT INTO read_model.migrations (id, checksum) VALUES ('account.accounts.v1', 'of accounts/migration.sql');
       INSERT INTO read_model.accounts_v1 VALUES
         ('default', 'alice', 'open', 'Alice', 'EUR', 1000, 0, 1000, 1, '2026-01-01', '2026-01-02');
       INSERT INTO read_model.entities (view, stream, revision, base) VALUES ('account.accounts.v1', 'account-default.alice', 1,
         '{"status": "open", "owner": "Alice", "currency": "EUR", "balance": 1000, "held": 0, "openedAt": "2026-01-01T00:00:00.000Z"}')`,
    );
    await migrateReadModel(pool, views);
    await buildIndexes({ pool, views, logger });
  });

  test('keeps its rows and is updated from there', async () => {
    const list = () => accountList.find(pool, { id: '', query: {}, tenant: 'default', limit: 5 });
    expect(await list()).toMatchObject({ data: [{ id: 'alice', available: 1_000, revision: 1 }] });
    await fold(pool, 2, ['MoneyWithdrawn', { amount: 400, currency: 'EUR' }]);
    expect(await list()).toMatchObject({
      data: [{ id: 'alice', owner: 'Alice', available: 600, revision: 2, openedAt: expect.any(String) }],
    });
  });

  test('has the same tables and indexes as a new one, and no index twice', async () => {
    const other = await createDatabase(String(fresh));
    await migrateReadModel(other, views);
    const created = await shapeOf(other);
    await buildIndexes({ pool: other, views, logger });
    expect(await shapeOf(other)).toEqual(created);
    expect(created.length).toBeGreaterThan(100);
    expect(await shapeOf(pool)).toEqual(created);
  });

  test('starts again and again', async () => {
    await migrateReadModel(pool, views);
    await Promise.all([migrateReadModel(pool, views), migrateReadModel(pool, views)]);
  });

  /** The view with a table of another row, or of another key. */
  const changed = (table: ReturnType<typeof viewTable>): AnyView =>
    defineView({ ...accountsView, tables: { accounts: table } } as AnyView);

  test.each([
    [{ name: 'id', total: 'bigint' }, 'total bigint NOT NULL'],
    [{ name: 'id', revision: 'bigint?' }, 'revision bigint'],
    [{ name: 'text', revision: 'bigint' }, 'name text NOT NULL'],
  ] as const)('refuses a table that is declared differently: %j', async (row, missing) => {
    const table = viewTable('used_names_v1', {
      key: ['stream', 'name'] as never,
      row: { stream: 'id', ...row },
    });
    const migrating = migrateReadModel(pool, [changed(table)]);
    await expect(migrating).rejects.toThrow(TableChangedError);
    await expect(migrating).rejects.toThrow(`read_model.used_names_v1 was created without: ${missing}`);
  });

  test('refuses another key', async () => {
    const row = { stream: 'id', name: 'id', revision: 'bigint' } as const;
    const migrating = migrateReadModel(pool, [changed(viewTable('used_names_v1', { key: ['stream'], row }))]);
    await expect(migrating).rejects.toThrow('PRIMARY KEY (stream)');
  });
});
