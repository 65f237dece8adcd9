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

test('a view that is slow holds up no other, is seen to stand still, and loses nothing', async () => {
  await happen(20);
  await ledger.caughtUp();
  expect(await ledger.totals()).toEqual(ledger.expected());
  await eventually('the other is current', () => stateOf(ledger.view) === 'current');
  await eventually('the slow one is seen to stand still', () => stateOf(slow) === 'stalled');
  expect(healthOf(slow)?.lag).toBeGreaterThan(0);

  await blocker.query('ROLLBACK');
  await eventually('it has come after', () => stateOf(slow) === 'current');
  const { rows } = await pool.query(
    `SELECT id, total, revision FROM read_model.totals_${ledger.category}_slow ORDER BY id COLLATE "C"`,
  );
  expect(rows).toEqual(ledger.expected());
});
