import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool, PoolClient } from 'pg';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { RunningProjector } from '#libs/read-model/start-projector.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { ledgerView } from './ledger-view.js';
import { Ledger } from './read-model-kit.js';
import { eventually, openKafka, openPool } from './read-path-kit.js';

let kafka: Kafka;
let pool: Pool;
let ledger: Ledger;
let slow: AnyView;
let projector: RunningProjector;
let blocker: PoolClient;

beforeAll(() => {
  kafka = openKafka();
  pool = openPool();
});

/**
 * Two current views of the same events in one process. The tables of the slow one are locked
 * against writing.
 */
beforeEach(async () => {
  ledger = new Ledger(kafka, pool);
  slow = ledgerView(ledger.category, 'slow');
  await kafka.ensureTopics([eventTopicSpec(ledger.category)]);
  projector = ledger.project(ledger.view, slow);
  await happen(1);
  await eventually(
    'both views are current',
    () => stateOf(ledger.view) === stateOf(slow) && stateOf(slow) === 'current',
  );
  blocker = await pool.connect();
  await blocker.query('BEGIN');
  await blocker.query(`LOCK TABLE read_model.totals_${ledger.category}_slow IN ACCESS EXCLUSIVE MODE`);
});

afterEach(async () => {
  await blocker.query('ROLLBACK');
  blocker.release();
  await ledger.close();
});

afterAll(async () => {
  await kafka.close();
  await pool.end();
});

const healthOf = (view: AnyView) => projector.health().find((health) => health.view === viewKey(view));
const stateOf = (view: AnyView) => healthOf(view)?.state;

/** Enough entities that every partition has some. */
async function happen(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await ledger.publish(Array.from({ length: 40 }, (_, entity) => ledger.happens(`e${entity}`, 1)));
  }
}

async function rowsOfSlow(): Promise<unknown[]> {
  const { rows } = await pool.query(
    `SELECT id, total, revision FROM read_model.totals_${ledger.category}_slow ORDER BY id COLLATE "C"`,
  );
  return rows;
}

/** It is read with the others again, and has missed nothing. */
async function expectItReturns(): Promise<void> {
  await eventually('it is read with the others', () => healthOf(slow)?.isApart === false, 60_000, 50);
  await eventually('it shows all', async () => isDeepStrictEqual(await rowsOfSlow(), ledger.expected()));
  expect(healthOf(slow)?.isApart).toBe(false);
}

test('a view that is slow holds up no other, is seen to stand still, and loses nothing', async () => {
  await happen(20);
  await ledger.caughtUp();
  expect(await ledger.totals()).toEqual(ledger.expected());
  await eventually('the other is current', () => stateOf(ledger.view) === 'current');
  await eventually('the slow one is seen to stand still', () => stateOf(slow) === 'stalled');
  expect(healthOf(slow)?.lag).toBeGreaterThan(0);
  expect([healthOf(ledger.view)?.isApart, healthOf(slow)?.isApart]).toEqual([false, true]);

  await blocker.query('ROLLBACK');
  for (let entity = 0; healthOf(slow)?.isApart !== false; entity += 1) {
    await ledger.publish([ledger.happens(`e${entity % 40}`, 1)]);
  }
  await expectItReturns();
});

test('a view that fails at one entity holds up no other, and comes back when it is repaired', async () => {
  await blocker.query('ROLLBACK');
  const { category } = ledger;
  await pool.query(`
    CREATE FUNCTION read_model.broken_${category}() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN IF NEW.id = 'e7' THEN RAISE 'not this one'; END IF; RETURN NEW; END$$;
    CREATE TRIGGER broken BEFORE INSERT ON read_model.entries_${category}_slow
      FOR EACH ROW EXECUTE FUNCTION read_model.broken_${category}()`);
  await happen(5);
  await ledger.caughtUp();
  await eventually('it is read apart', () => healthOf(slow)?.isApart === true);
  await happen(8);
  await ledger.caughtUp();
  expect(await ledger.totals()).toEqual(ledger.expected());
  expect(await ledger.count('parked_entities')).toBe(0);

  // It is slow from now on, so that it returns while it is still behind.
  await pool.query(`
    CREATE OR REPLACE FUNCTION read_model.broken_${category}() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(0.03); RETURN NEW; END'`);
  await expectItReturns();
});

test('a view that is restored from a backup while all are read together loses nothing', async () => {
  await blocker.query('ROLLBACK');
  const { category } = ledger;
  const key = viewKey(slow);
  await pool.query(`
    BEGIN;
    TRUNCATE read_model.totals_${category}_slow, read_model.entries_${category}_slow;
    DELETE FROM read_model.offsets WHERE view = '${key}';
    DELETE FROM read_model.entities WHERE view = '${key}';
    COMMIT`);
  await happen(1);
  await ledger.caughtUp();
  await eventually('it has all rows again', async () => (await rowsOfSlow()).length === 40);
  await eventually('it is current', () => stateOf(slow) === 'current');
  expect(await rowsOfSlow()).toEqual(ledger.expected());
  expect(await ledger.totals()).toEqual(ledger.expected());
});
