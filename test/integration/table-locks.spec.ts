import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Pool, type PoolClient } from 'pg';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { applyMigrations } from '#libs/read-model/migrate.js';
import { OperatorsApi } from './operators-api.js';
import { Ledger } from './read-model-kit.js';
import { eventually, openKafka, openPool } from './read-path-kit.js';

let kafka: Kafka;
let pool: Pool;
/** Connections that give up a query after two seconds. */
let readers: Pool;
let ledger: Ledger;
let holder: PoolClient;
const apis: OperatorsApi[] = [];

beforeAll(() => {
  kafka = openKafka();
  pool = openPool();
  const { connectionString } = pool.options;
  readers = new Pool({ connectionString, statement_timeout: 2_000, max: 4 });
});

beforeEach(async () => {
  ledger = new Ledger(kafka, pool);
  await kafka.ensureTopics([eventTopicSpec(ledger.category)]);
  ledger.project();
  await ledger.publish([1, 2, 3].map((amount) => ledger.happens(`e${amount}`, amount)));
  await ledger.caughtUp();
  holder = await pool.connect();
  await holder.query(`BEGIN; SET LOCAL application_name = 'nightly report'`);
});

afterEach(async () => {
  await holder.query('ROLLBACK');
  holder.release();
  await ledger.close();
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

afterAll(async () => {
  await kafka.close();
  await Promise.all([pool.end(), readers.end()]);
});

async function operators(lockMilliseconds?: number): Promise<OperatorsApi> {
  const api = await OperatorsApi.over(ledger, ledger.view, lockMilliseconds);
  apis.push(api);
  return api;
}

/** A rebuild that is ready for the switch, and a wrong row in the serving view. */
async function rebuilt(api: OperatorsApi): Promise<void> {
  await pool.query(`UPDATE ${totals()} SET total = 99 WHERE id = 'e1'`);
  await api.ask('/rebuild', {});
  await eventually('it is ready', async () => (await api.ask('/rebuild')).body['isReady'] === true);
}

const totals = (): string => `read_model.totals_${ledger.category}`;

async function hold(): Promise<void> {
  await holder.query(`SELECT count(*) FROM ${totals()}`);
}

/** Whether somebody waits for an exclusive lock on the table. */
async function isAsked(): Promise<boolean> {
  const { rows } = await pool.query(
    `SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = '${totals()}'::regclass`,
  );
  return rows.length > 0;
}

/** Reads the table repeatedly. Throws if a reader is not answered within two seconds. */
async function readOften(times = 20): Promise<void> {
  for (let time = 0; time < times; time += 1) await readers.query(`SELECT * FROM ${totals()}`);
}

async function served(): Promise<string | undefined> {
  return (await ledger.totals()).find(({ id }) => id === 'e1')?.total;
}

describe('a switch during a long read of the view', () => {
  test('holds up no reader, and goes through once the other has ended', async () => {
    const api = await operators();
    await rebuilt(api);
    await hold();
    const switching = api.ask('/rebuild/switch', {});
    await eventually('it asks for the table', isAsked, 10_000, 5);
    await readOften();
    // Nor does the view stop in the meantime.
    await ledger.publish([ledger.happens('e2', 20)]);
    await ledger.caughtUp();
    expect(await served()).toBe('99');
    await holder.query('COMMIT');
    expect(await switching).toMatchObject({ status: 200, body: { state: 'switched' } });
    expect(await ledger.totals()).toEqual(ledger.expected());

    await holder.query('BEGIN');
    await hold();
    const goingBack = api.ask('/rebuild/rollback', {});
    await eventually('it asks for the table', isAsked, 10_000, 5);
    await readOften();
    await holder.query('COMMIT');
    expect(await goingBack).toMatchObject({ status: 200, body: { state: 'rolled-back' } });
    expect(await served()).toBe('99');
  });

  test('names the blocking sessions after a while, with nothing done', async () => {
    const api = await operators(1_000);
    await rebuilt(api);
    await hold();
    const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = rows[0]?.pid;
    const { status, headers, body } = await api.ask('/rebuild/switch', {});
    expect({ status, code: body['code'] }).toEqual({ status: 503, code: 'VIEW.REBUILD_BUSY' });
    expect(headers['retry-after']).toBe('30');
    expect(body['detail']).toMatch(
      new RegExp(`process ${pid} \\(nightly report, in a transaction for \\d+ s\\)`),
    );
    expect(body['holders']).toMatchObject([{ pid, application: 'nightly report' }]);
    expect(await served()).toBe('99');
    expect((await api.ask('/rebuild')).body).toMatchObject({ state: 'filling', isReady: true });
    expect((await api.askAt(`audit?view=${ledger.key}`)).body['data']).toMatchObject([{ verb: 'rebuild' }]);
    await ledger.publish([ledger.happens('e3', 30)]);
    await ledger.caughtUp();
    await holder.query('COMMIT');
    await eventually('it is ready', async () => (await api.ask('/rebuild')).body['isReady'] === true);
    expect(await api.ask('/rebuild/switch', {})).toMatchObject({ status: 200 });
    expect(await ledger.totals()).toEqual(ledger.expected());
  });
});

test('a switch that has many rows to move holds up no reader', async () => {
  const api = await operators();
  await rebuilt(api);
  await holder.query('SELECT 1 FROM read_model.entities WHERE view = $1 FOR UPDATE', [ledger.key]);
  const switching = api.ask('/rebuild/switch', {});
  await eventually('it moves the keys', async () => {
    const { rows } = await pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE read_model.entities SET view%'`,
    );
    return rows.length > 0;
  });
  await readOften();
  await holder.query('COMMIT');
  expect(await switching).toMatchObject({ status: 200 });
  expect(await ledger.totals()).toEqual(ledger.expected());
});

test('a rebuild starts and is cancelled only if no transaction holds its tables', async () => {
  const api = await operators(300);
  await rebuilt(api);
  await holder.query(`SELECT 1 FROM ${totals()}__next_${ledger.category}`);
  expect((await api.ask('/rebuild/cancel', {})).body).toMatchObject({ code: 'VIEW.REBUILD_BUSY' });
  expect((await api.ask('/rebuild')).body).toMatchObject({ state: 'filling' });
  await holder.query('COMMIT');
  expect(await api.ask('/rebuild/cancel', {})).toMatchObject({ status: 200 });
});

test('a process that is frozen in a transaction does not hold its locks for ever', async () => {
  const code = `
    import pg from 'pg';
    import { inTransaction } from './dist/libs/read-model/transaction.js';
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
    await inTransaction(pool, async (client) => {
      await client.query('LOCK TABLE ${totals()} IN ACCESS EXCLUSIVE MODE');
      process.stdout.write('held');
      await new Promise(() => undefined);
    }, { milliseconds: 2_000 });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    await eventually('the lock is gone', () =>
      readOften(1).then(
        () => true,
        () => false,
      ),
    );
  } finally {
    child.kill('SIGKILL');
  }
});

describe('a migration of a table during a long read', () => {
  /** One before it, and one that alters the table. */
  function migrations() {
    const folder = mkdtempSync(join(tmpdir(), 'migration-'));
    const migration = (name: string, sql: string) => {
      writeFileSync(join(folder, name), sql);
      return { id: `${ledger.category}.${name}`, file: pathToFileURL(join(folder, name)) };
    };
    return [
      migration('before', `CREATE TABLE read_model.more_${ledger.category} (id text)`),
      migration('after', `ALTER TABLE ${totals()} ADD COLUMN note text`),
    ];
  }

  const applied = async () => {
    const { rows } = await pool.query<{ id: string }>(
      'SELECT id FROM read_model.migrations WHERE id LIKE $1 ORDER BY applied_at',
      [`${ledger.category}.%`],
    );
    return rows.map(({ id }) => id.slice(ledger.category.length + 1));
  };

  test('holds up no reader, and is applied once the other has ended', async () => {
    await hold();
    const migrating = applyMigrations(pool, migrations());
    await eventually('it asks for the table', isAsked, 10_000, 5);
    await readOften();
    await holder.query('COMMIT');
    await migrating;
    expect(await applied()).toEqual(expect.arrayContaining(['before', 'after']));
  });

  test('fails after a while and names the blocking sessions; earlier migrations stay applied', async () => {
    await hold();
    await expect(applyMigrations(pool, migrations(), 500)).rejects.toThrow(
      /nightly report, in a transaction/,
    );
    expect(await applied()).toContain('before');
    expect(await applied()).not.toContain('after');
  });
});
