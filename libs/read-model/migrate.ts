import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Pool, PoolClient } from 'pg';
import type { AnyView } from '#libs/core/view-definition.js';
import { MigrationChangedError } from './read-model.errors.js';
import { TableLocks } from './table-locks.js';
import { inTransaction } from './transaction.js';
import { createTable, tablesOf } from './view-tables.js';

/** SQL that is applied once. */
interface Migration {
  /** Unique, and permanent. */
  readonly id: string;
  readonly file: URL;
}

// Any number that no other lock of ours uses.
const LOCK = 7_203_114;

/**
 * The tables that all views need, in the order of their creation. An applied migration never
 * changes: add another one.
 */
const foundation: readonly Migration[] = [
  { id: 'read-model.v1', file: new URL('./migration.sql', import.meta.url) },
  { id: 'read-model.parking.v1', file: new URL('./parking/parking.sql', import.meta.url) },
  { id: 'read-model.entity-hash', file: new URL('./entity-hash.sql', import.meta.url) },
  { id: 'read-model.rebuild.v1', file: new URL('./rebuild/rebuild.sql', import.meta.url) },
  { id: 'read-model.applied-batches.v1', file: new URL('./applied-batches.sql', import.meta.url) },
  { id: 'read-model.entity-changes.v1', file: new URL('./entity-changes.sql', import.meta.url) },
];

/**
 * Prepares the schema `read_model`: applies its migrations and creates the tables of these views.
 * Throws {@link MigrationChangedError}, {@link TableChangedError} and {@link TablesBusyError}.
 */
export async function migrateReadModel(pool: Pool, views: readonly AnyView[]): Promise<void> {
  await applyMigrations(pool, foundation);
  for (const table of tablesOf(views)) await alone(pool, (client) => createTable(client, table));
}

/**
 * Applies those migrations that have not been applied yet, in order and each in its own
 * transaction. A table in use is locked as {@link TableLocks} does it, for at most a minute by
 * default. Throws {@link MigrationChangedError} if the text of an applied migration differs, and
 * {@link TablesBusyError}.
 */
export async function applyMigrations(
  pool: Pool,
  migrations: readonly Migration[],
  lockMilliseconds = 60_000,
): Promise<void> {
  await alone(pool, prepare);
  for (const migration of migrations) {
    await alone(pool, (client) => apply(client, migration, lockMilliseconds), lockMilliseconds);
  }
}

/** Runs work in a transaction; processes that start at the same time wait for each other. */
function alone(
  pool: Pool,
  work: (client: PoolClient) => Promise<void>,
  lockMilliseconds = 60_000,
): Promise<void> {
  const migrate = async (client: PoolClient): Promise<void> => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await work(client);
  };
  return inTransaction(pool, migrate, { milliseconds: lockMilliseconds + 30_000 });
}

async function prepare(client: PoolClient): Promise<void> {
  await client.query('CREATE SCHEMA IF NOT EXISTS read_model');
  await client.query(
    `CREATE TABLE IF NOT EXISTS read_model.migrations (
       id text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
}

async function apply(client: PoolClient, { id, file }: Migration, lockMilliseconds: number): Promise<void> {
  const sql = (await readFile(file, 'utf8')).replaceAll('\r\n', '\n');
  const checksum = createHash('sha256').update(sql).digest('hex');
  const { rows } = await client.query<{ checksum: string }>(
    'SELECT checksum FROM read_model.migrations WHERE id = $1',
    [id],
  );
  if (rows[0]?.checksum === checksum) return;
  if (rows[0]) throw new MigrationChangedError(`${id} was applied with another text`);
  await new TableLocks(client, lockMilliseconds).run(sql);
  await client.query('INSERT INTO read_model.migrations (id, checksum) VALUES ($1, $2)', [id, checksum]);
}
