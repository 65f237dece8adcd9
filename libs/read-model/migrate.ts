import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Pool, PoolClient } from 'pg';
import { MigrationChangedError } from './read-model.errors.js';
import { TableLocks } from './table-locks.js';
import { inTransaction } from './transaction.js';

/** A text of SQL that is applied once. */
export interface Migration {
  /** `account.accounts.v1`: unique for ever. */
  readonly id: string;
  readonly file: URL;
}

// Any number will do, as long as it is ours alone.
const LOCK = 7_203_114;

/** What every view stands on, in the order in which it came. A text that was applied never changes: add another one. */
const foundation: readonly Migration[] = [
  { id: 'read-model.v1', file: new URL('./migration.sql', import.meta.url) },
  { id: 'read-model.parking.v1', file: new URL('./parking/parking.sql', import.meta.url) },
  { id: 'read-model.entity-hash', file: new URL('./entity-hash.sql', import.meta.url) },
  { id: 'read-model.rebuild.v1', file: new URL('./rebuild/rebuild.sql', import.meta.url) },
  { id: 'read-model.applied-batches.v1', file: new URL('./applied-batches.sql', import.meta.url) },
  { id: 'read-model.entity-changes.v1', file: new URL('./entity-changes.sql', import.meta.url) },
];

/**
 * Applies what has not been applied yet, in order, each in one transaction; processes that start at the same time wait
 * for each other. A table in use is locked as {@link TableLocks} does it. Throws {@link MigrationChangedError} when the text of
 * an applied one differs, and {@link TablesBusyError} after a minute, or as long as is said.
 */
export async function migrateReadModel(
  pool: Pool,
  migrations: readonly Migration[],
  lockMilliseconds = 60_000,
): Promise<void> {
  const patience = { milliseconds: lockMilliseconds + 30_000 };
  const alone = (work: (client: PoolClient) => Promise<void>): Promise<void> => {
    const migrate = async (client: PoolClient): Promise<void> => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await work(client);
    };
    return inTransaction(pool, migrate, patience);
  };
  await alone(prepare);
  for (const migration of [...foundation, ...migrations])
    await alone((client) => apply(client, migration, lockMilliseconds));
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
