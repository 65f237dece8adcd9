import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool, PoolClient } from 'pg';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { AnyView, ViewTables } from '#libs/core/view-definition.js';
import { buildIndexes } from '#libs/read-model/view-indexes.js';
import { OperatorsApi } from './operators-api.js';
import { Ledger } from './read-model-kit.js';
import { eventually, logger, openKafka, openPool } from './read-path-kit.js';

const DEFINITION = 'btree (total, id)';

let kafka: Kafka;
let pool: Pool;
let ledger: Ledger;
let indexed: AnyView;
let reader: PoolClient;

beforeAll(() => {
  kafka = openKafka();
  pool = openPool();
});

/** A view with rows, and a long-running read of them while it gets an index. */
beforeEach(async () => {
  ledger = new Ledger(kafka, pool);
  const { view } = ledger;
  const { totals, ...others } = view.tables as ViewTables;
  const tables = { ...others, totals: { ...totals, indexes: [DEFINITION] } };
  indexed = { ...view, tables };
  await kafka.ensureTopics([eventTopicSpec(ledger.category)]);
  const before = ledger.project();
  await ledger.publish([ledger.happens('one', 1)]);
  await ledger.caughtUp();
  await ledger.stop(before);
  reader = await pool.connect();
  await reader.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await reader.query(`SELECT count(*) FROM read_model.totals_${ledger.category}`);
});

afterEach(async () => {
  await reader.query('ROLLBACK');
  reader.release();
  await ledger.close();
});

afterAll(async () => {
  await kafka.close();
  await pool.end();
});

/** The indexes of the view's table other than its key, and whether each is valid. */
async function indexes(): Promise<readonly object[]> {
  const { rows } = await pool.query(
    `SELECT regexp_replace(pg_get_indexdef(indexrelid), '^.*? USING ', '') AS definition, indisvalid AS valid
     FROM pg_index WHERE indrelid = 'read_model.totals_${ledger.category}'::regclass AND NOT indisprimary`,
  );
  return rows;
}

async function waitingBuild(): Promise<number | undefined> {
  const { rows } = await pool.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`,
    [`CREATE INDEX CONCURRENTLY ON read_model.totals_${ledger.category} %`],
  );
  return rows[0]?.pid;
}

const built = [{ definition: DEFINITION, valid: true }];

test('a view continues while its index waits to be built', async () => {
  ledger.project(indexed);
  await eventually('the index waits for the reader', async () => (await waitingBuild()) !== undefined);
  await ledger.publish([ledger.happens('one', 2), ledger.happens('two', 3)]);
  await ledger.caughtUp();
  expect(await ledger.totals()).toEqual(ledger.expected());
  expect(await indexes()).not.toEqual(built);
  await reader.query('ROLLBACK');
  await eventually('the index is there', async () =>
    (await indexes()).every((index) => 'valid' in index && index.valid),
  );
  expect(await indexes()).toEqual(built);
});

test('an index that was left half-built is built again by the next process', async () => {
  const options = { pool, views: [indexed], logger };
  const first = buildIndexes(options);
  await eventually('it waits for the reader', async () => (await waitingBuild()) !== undefined);
  await expect(buildIndexes(options)).rejects.toThrow('another process is building indexes');
  await pool.query('SELECT pg_cancel_backend($1)', [await waitingBuild()]);
  await expect(first).rejects.toThrow('canceling statement');
  expect(await indexes()).toEqual([{ definition: DEFINITION, valid: false }]);
  await reader.query('ROLLBACK');
  await buildIndexes(options);
  expect(await indexes()).toEqual(built);
});

test('a copy that was made before the view had the index gets it, too', async () => {
  await reader.query('ROLLBACK');
  ledger.project();
  const api = await OperatorsApi.over(ledger, indexed);
  await api.ask('/rebuild', {});
  await buildIndexes({ pool, views: [indexed], logger });
  await eventually('it is switched to', async () => (await api.ask('/rebuild/switch', {})).status === 200);
  await api.close();
  expect(await indexes()).toEqual(built);
});
