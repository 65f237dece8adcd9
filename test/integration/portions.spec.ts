import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { startProjector } from '#libs/read-model/start-projector.js';
import { onLedger } from './ledger-stage.js';
import { eventually, logger } from './read-path-kit.js';

const stage = onLedger();

const happening = (id: string, times: number, amount = 1): RecordedEvent[] =>
  Array.from({ length: times }, () => stage.ledger.happens(id, amount));

async function waiting(): Promise<number> {
  return stage.ledger.count('parked_events');
}

/** The row of an entity in the view, and its number of event rows. */
async function shown(id: string) {
  const entries = await stage.pool.query<{ count: string }>(
    `SELECT count(*) FROM read_model.entries_${stage.ledger.category} WHERE id = $1`,
    [id],
  );
  const total = (await stage.ledger.totals()).find((row) => row.id === id);
  return {
    total: Number(total?.total),
    revision: Number(total?.revision),
    entries: Number(entries.rows[0]?.count),
  };
}

describe('an entity with thousands of events that wait', () => {
  /** One event, a bad one, and 2,600 more. */
  async function parked(): Promise<string> {
    stage.ledger.project();
    const events = [
      stage.ledger.happens('busy', 5),
      stage.ledger.happens('busy', 666),
      ...happening('busy', 2_600),
    ];
    await stage.ledger.publish(events);
    await stage.ledger.begun();
    await eventually('all of them wait', async () => (await waiting()) === 2_601);
    return stage.ledger.streamOf('busy');
  }

  test('is retried in one answer, however long it takes', async () => {
    const stream = await parked();
    const { body } = await stage.api.ask(`/parked/${stream}/skip`, { reason: 'a typing error' });
    expect(body).toEqual({ result: 'caught-up', revision: 2_601, folded: 2_601 });
    expect(await shown('busy')).toEqual({ total: 2_605, revision: 2_601, entries: 2_601 });
    expect(await stage.ledger.count('parked_entities')).toBe(0);
  });

  test('is retried to the end even if the first process is killed between two portions', async () => {
    const stream = await parked();
    // The third portion waits for this event.
    const blocker = await stage.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query(
      'SELECT 1 FROM read_model.parked_events WHERE view = $1 AND stream = $2 AND revision = 1200 FOR UPDATE',
      [stage.ledger.key, stream],
    );
    const child = spawn(
      process.execPath,
      ['dist/test/integration/take-up-process.js', stage.ledger.category, stream],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    await eventually('two portions are folded', async () => (await waiting()) === 1_601);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { body } = await stage.api.ask(`/parked/${stream}`);
    expect(body).toMatchObject({ revision: 1_001, attempts: 0, catchingUp: true, waiting: 1_601 });
    for (const [verb, more] of [['skip', {}] as const, ['patch', { data: { amount: 1 } }] as const]) {
      const refused = await stage.api.ask(`/parked/${stream}/${verb}`, { reason: 'impatience', ...more });
      expect(refused).toMatchObject({ status: 409, body: { code: 'VIEW.CATCHING_UP' } });
    }
    await stage.ledger.publish(happening('busy', 1, 100));
    await eventually('it waits behind the others', async () => (await waiting()) === 1_602);
    await blocker.query('COMMIT');
    blocker.release();
    await stage.ledger.caughtUp();
    expect(await shown('busy')).toEqual({ total: 2_705, revision: 2_602, entries: 2_602 });
    expect([await waiting(), await stage.ledger.count('parked_entities')]).toEqual([0, 0]);
    const audit = await stage.api.askAt(`audit?view=${stage.ledger.key}`);
    expect(audit.body['data']).toMatchObject([
      { verb: 'skip', revision: 1, result: { result: 'catching-up', revision: 500, folded: 500 } },
    ]);
  });

  test('stops at the next bad event in a later portion', async () => {
    const stream = await parked();
    await stage.ledger.publish([
      stage.ledger.happens('busy', 666),
      stage.ledger.happens('busy', 0.5),
      ...happening('busy', 1),
    ]);
    await eventually('they wait, too', async () => (await waiting()) === 2_604);
    const skipped = await stage.api.ask(`/parked/${stream}/skip`, { reason: 'the first' });
    expect(skipped.body).toMatchObject({ result: 'parked', revision: 2_602, folded: 2_601, attempts: 1 });
    const again = await stage.api.ask(`/parked/${stream}/skip`, { reason: 'the second' });
    expect(again.body).toMatchObject({ result: 'parked', revision: 2_603, folded: 1 });
    const last = await stage.api.ask(`/parked/${stream}/skip`, { reason: 'the third' });
    expect(last.body).toMatchObject({ result: 'caught-up', revision: 2_604, folded: 2 });
    expect(await shown('busy')).toEqual({ total: 2_606, revision: 2_604, entries: 2_602 });
  });
});

test('an entity that lacks thousands of events catches up concurrently with the others', async () => {
  stage.ledger.project();
  happening('far', 5_000);
  await stage.ledger.publish([...happening('far', 1), ...happening('near', 2)]);
  const stream = stage.ledger.streamOf('far');
  await eventually('it is seen to catch up', async () => {
    const { body } = await stage.api.ask(`/parked/${stream}`);
    return body['catchingUp'] === true && body['waiting'] === 1;
  });
  expect(await shown('far')).toEqual({ total: 2_000, revision: 1_999, entries: 2_000 });
  await stage.ledger.caughtUp();
  expect(await shown('far')).toEqual({ total: 5_001, revision: 5_000, entries: 5_001 });
  expect(await shown('near')).toEqual({ total: 2, revision: 1, entries: 2 });
  expect(await stage.ledger.count('parked_entities')).toBe(0);
});

test('a batch that is too much for one transaction, with a bad row in it, is applied in parts', async () => {
  const { category, view } = stage.ledger;
  const before = stage.ledger.project();
  await stage.ledger.publish(happening('first', 1));
  await stage.ledger.caughtUp();
  await stage.ledger.stop(before);
  // A row takes 5 ms, so a batch of some 100 rows takes half a second. A transaction may take 200
  // ms.
  await stage.pool.query(`
    CREATE FUNCTION read_model.slow_${category}() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(0.005); RETURN NEW; END';
    CREATE TRIGGER slow BEFORE INSERT ON read_model.entries_${category}
      FOR EACH ROW EXECUTE FUNCTION read_model.slow_${category}()`);
  const many = Array.from({ length: 40 }, (_, entity) => happening(`e${entity}`, 30)).flat();
  const bad = stage.ledger.happens('bad', 0.5);
  await stage.ledger.publish([...many.slice(0, 600), bad, ...many.slice(600), ...happening('bad', 1)]);
  const { store } = stage.ledger;
  const views = [view];
  const { kafka, pool } = stage;
  const options = { kafka, pool, store, views, groupPrefix: category, logger, batchMilliseconds: 200 };
  stage.ledger.running.push(startProjector(options));
  await stage.ledger.caughtUp(many);
  expect(await stage.ledger.totals()).toEqual(
    stage.ledger.expected(stage.ledger.history.filter(({ stream }) => stream !== bad.stream)),
  );
  await eventually('the bad one is parked', async () => (await waiting()) === 2);
  const { body } = await stage.api.ask(`/parked/${bad.stream}`);
  expect(body).toMatchObject({ revision: 0, attempts: 1, catchingUp: false });
});
