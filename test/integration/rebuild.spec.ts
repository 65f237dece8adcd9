import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { eventTopicSpec } from '../../libs/kafka/event-topic.js';
import type { RecordedEvent } from '../../libs/event-store/event-store.js';
import type { Kafka } from '../../libs/kafka/kafka.js';
import { seededRandom } from '../support/seeded-random.js';
import { OperatorsApi } from './operators-api.js';
import { Ledger } from './read-model-kit.js';
import { eventually, openKafka, openPool } from './read-path-kit.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);

let kafka: Kafka;
let pool: Pool;
let ledger: Ledger;
let api: OperatorsApi;
const children: ChildProcess[] = [];

beforeAll(() => {
  process.stdout.write(`rebuild seed ${seed}\n`);
  kafka = openKafka();
  pool = openPool();
});

beforeEach(async () => {
  ledger = new Ledger(kafka, pool);
  await kafka.ensureTopics([eventTopicSpec(ledger.category)]);
  api = await OperatorsApi.over(ledger);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await ledger.close();
  await api.close();
});

afterAll(async () => {
  await kafka.close();
  await pool.end();
});

/** Something in each entity, and more in some by chance. */
function someHappen(events: number, entities = 30): RecordedEvent[] {
  return Array.from({ length: events }, (_, index) => {
    const entity = index < entities ? index : Math.floor(random() * entities);
    return ledger.happens(`e${entity}`, 1 + Math.floor(random() * 100));
  });
}

async function filled(events = 300): Promise<void> {
  ledger.project();
  await ledger.publish(someHappen(events));
  await ledger.caughtUp();
}

async function status(): Promise<Record<string, unknown>> {
  return (await api.ask('/rebuild')).body;
}

async function ready(): Promise<void> {
  await eventually(
    'the new one has caught up',
    async () => (await status())['isReady'] === true,
    60_000,
    200,
  );
}

/** The row of `e1` is made wrong, that of `e2` removed, and one added that nobody's events tell of. */
async function corrupt(): Promise<void> {
  const table = `read_model.totals_${ledger.category}`;
  await pool.query(`UPDATE ${table} SET total = total + 1 WHERE id = 'e1'`);
  await pool.query(`DELETE FROM ${table} WHERE id = 'e2'`);
  await pool.query(`INSERT INTO ${table} VALUES ('nobody', 5, 0)`);
}

async function expectViewIsFold(): Promise<void> {
  expect(await ledger.totals()).toEqual(ledger.expected());
}

describe('a rebuild', () => {
  test('finds rows that are wrong, missing and extra, and heals them by the switch', async () => {
    await filled();
    await corrupt();
    expect((await api.ask('/rebuild', { reason: 'rows look wrong' })).status).toBe(202);
    await ready();
    const { body } = await api.ask('/rebuild/diff');
    const entities = ledger.expected().length;
    expect(body).toMatchObject({
      moving: { ahead: 0, behind: 0 },
      tables: [
        { table: `totals_${ledger.category}`, equal: entities - 2, changed: 1, missing: 1, extra: 1 },
        {
          table: `entries_${ledger.category}`,
          equal: ledger.history.length,
          changed: 0,
          missing: 0,
          extra: 0,
        },
      ],
    });
    const [totals] = body['tables'] as { samples: { live?: { id: string }; next?: { id: string } }[] }[];
    expect(totals?.samples.map(({ live, next }) => [live?.id, next?.id])).toEqual([
      ['e1', 'e1'],
      [undefined, 'e2'],
      ['nobody', undefined],
    ]);
    // Until then what was there serves, wrong as it is.
    expect(await ledger.totals()).not.toEqual(ledger.expected());
    expect(await api.ask('/rebuild/switch', {})).toMatchObject({ status: 200, body: { state: 'switched' } });
    await expectViewIsFold();
    await ledger.publish(someHappen(60));
    await ledger.caughtUp();
    await expectViewIsFold();
  });

  test('follows under load, and the switch shows readers one or the other', async () => {
    await filled(600);
    await api.ask('/rebuild', {});
    const stopping = new AbortController();
    const counts = new Set<number>();
    const during = async (step: () => Promise<unknown>) => {
      while (!stopping.signal.aborted) await step();
    };
    const load = Promise.all([
      during(() => ledger.publish(someHappen(20))),
      during(async () => counts.add((await ledger.totals()).length)),
    ]);
    try {
      await ready();
      const switched = await api.ask('/rebuild/switch', {});
      expect(switched).toMatchObject({ status: 200, body: { state: 'switched' } });
    } finally {
      stopping.abort();
      await load;
    }
    await ledger.publish(someHappen(20));
    await ledger.caughtUp();
    await expectViewIsFold();
    expect(counts).toEqual(new Set([ledger.expected().length]));
  });

  test('goes on where it was when its process is killed, and when a second one joins', async () => {
    await ledger.publish(someHappen(400));
    const first = spawnProjector();
    await ledger.caughtUp();
    await corrupt();
    await api.ask('/rebuild', { throttle: 100 });
    const done = async () => ((await status())['records'] as { done: number } | undefined)?.done ?? 0;
    await eventually('it has begun', async () => (await done()) > 0, 60_000, 100);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const before = await done();
    expect(before).toBeLessThan(400);
    const nextRows = await pool.query(
      `SELECT count(*) FROM read_model.entries_${ledger.category}__next_${ledger.category}`,
    );
    expect(Number((nextRows.rows[0] as { count: string }).count)).toBeGreaterThan(0);
    spawnProjector();
    spawnProjector();
    expect((await api.ask('/rebuild/throttle', { throttle: null })).status).toBe(200);
    await ready();
    expect(await api.ask('/rebuild/switch', {})).toMatchObject({ status: 200 });
    await expectViewIsFold();
  });

  test('is rolled back to what served before, which then catches up', async () => {
    await filled();
    await corrupt();
    await api.ask('/rebuild', {});
    await ready();
    await api.ask('/rebuild/switch', {});
    await ledger.publish([ledger.happens('e2', 7), ledger.happens('late', 1)]);
    await ledger.caughtUp();
    await expectViewIsFold();
    expect(await api.ask('/rebuild/rollback', { reason: 'the old one was right' })).toMatchObject({
      status: 200,
      body: { state: 'rolled-back' },
    });
    expect((await ledger.totals()).some(({ id }) => id === 'nobody')).toBe(true);
    await ledger.caughtUp();
    await eventually('what came after the switch is there', async () => {
      return (await ledger.totals()).some(({ id }) => id === 'late');
    });
    expect((await api.ask('/rebuild/rollback', {})).body).toMatchObject({ code: 'VIEW.REBUILD_STATE' });
  });

  test('exchanges only its own rows of a table that it shares', async () => {
    const { registration, category } = ledger;
    const scopes = { totals: { column: 'id', is: 'prefix', value: 'e' } as const };
    const view = { ...registration.view, scopes };
    const sharing = await OperatorsApi.over(ledger, view);
    ledger.project({ ...registration, view });
    await ledger.publish(someHappen(100));
    await ledger.caughtUp();
    await corrupt();
    await sharing.ask('/rebuild', {});
    await ready();
    // `nobody` is a row of somebody else here.
    const { body } = await sharing.ask('/rebuild/diff');
    expect(body).toMatchObject({ tables: [{ changed: 1, missing: 1, extra: 0 }, { changed: 0 }] });
    expect(await sharing.ask('/rebuild/switch', {})).toMatchObject({ status: 200 });
    const foreign = { id: 'nobody', total: '5', revision: '0' };
    expect(await ledger.totals()).toEqual([...ledger.expected(), foreign]);
    await pool.query(`UPDATE read_model.totals_${category} SET total = 6 WHERE id = 'nobody'`);
    expect(await sharing.ask('/rebuild/rollback', {})).toMatchObject({ status: 200 });
    await sharing.close();
    const rows = await ledger.totals();
    expect(rows.find(({ id }) => id === 'nobody')).toEqual({ ...foreign, total: '6' });
    expect(rows.some(({ id }) => id === 'e2')).toBe(false);
  });

  test('leaves nothing behind when it is cancelled', async () => {
    await filled(50);
    await api.ask('/rebuild', {});
    await ready();
    expect(await api.ask('/rebuild/cancel', {})).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    const { rows } = await pool.query(
      `SELECT 1 FROM pg_class WHERE relname LIKE '%\\_\\_next\\_${ledger.category}'`,
    );
    expect(rows).toEqual([]);
    await expectViewIsFold();
    const { body } = await api.askAt(`audit?view=${ledger.key}`);
    expect(body['data']).toMatchObject([{ verb: 'cancel' }, { verb: 'rebuild' }]);
  });

  test('keeps what was skipped, and takes no switch that would hide what is shown', async () => {
    ledger.project();
    await ledger.publish([5, 666, 7].map((amount) => ledger.happens('poisoned', amount)));
    await ledger.publish([5, 6].map((amount) => ledger.happens('fine', amount)));
    const parked = async () => ledger.count('parked_events');
    await eventually('it is parked', async () => (await parked()) === 2);
    await api.ask(`/parked/${ledger.streamOf('poisoned')}/skip`, { reason: 'a typing error' });
    await api.ask('/rebuild', {});
    await ready();
    expect((await api.ask('/rebuild/diff')).body).toMatchObject({ tables: [{ changed: 0 }, { changed: 0 }] });
    await pool.query('DELETE FROM read_model.amended_events WHERE view = $1', [ledger.key]);
    await api.ask('/rebuild/cancel', {});
    await api.ask('/rebuild', {});
    await ready();
    expect(await api.ask('/rebuild/switch', {})).toMatchObject({
      status: 409,
      body: { code: 'VIEW.REBUILD_PARKS_MORE' },
    });
    expect(await api.ask('/rebuild/switch', { acceptParked: true })).toMatchObject({ status: 200 });
    expect(await parked()).toBe(2);
  });

  test.each([
    ['a switch without a rebuild', '/rebuild/switch', {}, 409, 'VIEW.REBUILD_STATE'],
    ['a cancel without one', '/rebuild/cancel', {}, 409, 'VIEW.REBUILD_STATE'],
    ['a report without one', '/rebuild/diff', undefined, 409, 'VIEW.REBUILD_STATE'],
    ['a throttle of nothing', '/rebuild', { throttle: 0 }, 422, 'REQUEST.INVALID_BODY'],
  ])('%s is refused', async (_, path, body, code, problem) => {
    await filled(5);
    expect(await api.ask(path, body)).toMatchObject({ status: code, body: { code: problem } });
  });

  test('a second one of the same view is refused', async () => {
    await filled(5);
    await api.ask('/rebuild', {});
    expect((await api.ask('/rebuild', {})).body).toMatchObject({ code: 'VIEW.REBUILD_STATE' });
  });
});

function spawnProjector(): ChildProcess {
  const child = spawn(process.execPath, ['dist/test/integration/projector-process.js', ledger.category], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  return child;
}
