import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { seededRandom } from '../support/seeded-random.js';
import { OperatorsApi } from './operators-api.js';
import { onLedger } from './ledger-stage.js';
import { eventually } from './read-path-kit.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);

const children: ChildProcess[] = [];

beforeAll(() => {
  process.stdout.write(`rebuild seed ${seed}\n`);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const stage = onLedger();

/** One event in each entity, and more in some at random. */
function someHappen(events: number, entities = 30): RecordedEvent[] {
  return Array.from({ length: events }, (_, index) => {
    const entity = index < entities ? index : Math.floor(random() * entities);
    return stage.ledger.happens(`e${entity}`, 1 + Math.floor(random() * 100));
  });
}

async function filled(events = 300): Promise<void> {
  stage.ledger.project();
  await stage.ledger.publish(someHappen(events));
  await stage.ledger.caughtUp();
}

async function status(): Promise<Record<string, unknown>> {
  return (await stage.api.ask('/rebuild')).body;
}

async function ready(): Promise<void> {
  await eventually(
    'the new one has caught up',
    async () => (await status())['isReady'] === true,
    60_000,
    200,
  );
}

/** Corrupts the row of `e1`, removes that of `e2`, and adds one that no event explains. */
async function corrupt(): Promise<void> {
  const table = `read_model.totals_${stage.ledger.category}`;
  await stage.pool.query(`UPDATE ${table} SET total = total + 1 WHERE id = 'e1'`);
  await stage.pool.query(`DELETE FROM ${table} WHERE id = 'e2'`);
  await stage.pool.query(`INSERT INTO ${table} VALUES ('nobody', 5, 0)`);
}

async function expectViewIsFold(): Promise<void> {
  expect(await stage.ledger.totals()).toEqual(stage.ledger.expected());
}

describe('a rebuild', () => {
  test('finds rows that are wrong, missing and extra, and heals them by the switch', async () => {
    await filled();
    await corrupt();
    expect((await stage.api.ask('/rebuild', { reason: 'rows look wrong' })).status).toBe(202);
    await ready();
    const { body } = await stage.api.ask('/rebuild/diff');
    const entities = stage.ledger.expected().length;
    expect(body).toMatchObject({
      moving: { ahead: 0, behind: 0 },
      tables: [
        { table: `totals_${stage.ledger.category}`, equal: entities - 2, changed: 1, missing: 1, extra: 1 },
        {
          table: `entries_${stage.ledger.category}`,
          equal: stage.ledger.history.length,
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
    // Until then the old view serves, with its errors.
    expect(await stage.ledger.totals()).not.toEqual(stage.ledger.expected());
    expect(await stage.api.ask('/rebuild/switch', {})).toMatchObject({
      status: 200,
      body: { state: 'switched' },
    });
    await expectViewIsFold();
    await stage.ledger.publish(someHappen(60));
    await stage.ledger.caughtUp();
    await expectViewIsFold();
  });

  test('follows under load, and the switch shows readers one or the other', async () => {
    await filled(600);
    await stage.api.ask('/rebuild', {});
    const stopping = new AbortController();
    const counts = new Set<number>();
    const during = async (step: () => Promise<unknown>) => {
      while (!stopping.signal.aborted) await step();
    };
    const load = Promise.all([
      during(() => stage.ledger.publish(someHappen(20))),
      during(async () => counts.add((await stage.ledger.totals()).length)),
    ]);
    try {
      await ready();
      const switched = await stage.api.ask('/rebuild/switch', {});
      expect(switched).toMatchObject({ status: 200, body: { state: 'switched' } });
    } finally {
      stopping.abort();
      await load;
    }
    await stage.ledger.publish(someHappen(20));
    await stage.ledger.caughtUp();
    await expectViewIsFold();
    expect(counts).toEqual(new Set([stage.ledger.expected().length]));
  });

  test('resumes when its process is killed, and when a second one joins', async () => {
    await stage.ledger.publish(someHappen(400));
    const first = spawnProjector();
    await stage.ledger.caughtUp();
    await corrupt();
    await stage.api.ask('/rebuild', { throttle: 100 });
    const done = async () => ((await status())['records'] as { done: number } | undefined)?.done ?? 0;
    await eventually('it has begun', async () => (await done()) > 0, 60_000, 100);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const before = await done();
    expect(before).toBeLessThan(400);
    const nextRows = await stage.pool.query(
      `SELECT count(*) FROM read_model.entries_${stage.ledger.category}__next_${stage.ledger.category}`,
    );
    expect(Number((nextRows.rows[0] as { count: string }).count)).toBeGreaterThan(0);
    spawnProjector();
    spawnProjector();
    expect((await stage.api.ask('/rebuild/throttle', { throttle: null })).status).toBe(200);
    await ready();
    expect(await stage.api.ask('/rebuild/switch', {})).toMatchObject({ status: 200 });
    await expectViewIsFold();
  });

  test('is rolled back to the previous view, which then catches up', async () => {
    await filled();
    await corrupt();
    await stage.api.ask('/rebuild', {});
    await ready();
    await stage.api.ask('/rebuild/switch', {});
    await stage.ledger.publish([stage.ledger.happens('e2', 7), stage.ledger.happens('late', 1)]);
    await stage.ledger.caughtUp();
    await expectViewIsFold();
    expect(await stage.api.ask('/rebuild/rollback', { reason: 'the old one was right' })).toMatchObject({
      status: 200,
      body: { state: 'rolled-back' },
    });
    expect((await stage.ledger.totals()).some(({ id }) => id === 'nobody')).toBe(true);
    await stage.ledger.caughtUp();
    await eventually('what came after the switch is included', async () => {
      return (await stage.ledger.totals()).some(({ id }) => id === 'late');
    });
    expect((await stage.api.ask('/rebuild/rollback', {})).body).toMatchObject({ code: 'VIEW.REBUILD_STATE' });
  });

  test('exchanges only its own rows of a table that it shares', async () => {
    const { view: whole, category } = stage.ledger;
    const scopes = { totals: { column: 'id', is: 'prefix', value: 'e' } as const };
    const view = { ...whole, scopes };
    const sharing = await OperatorsApi.over(stage.ledger, view);
    stage.ledger.project(view);
    await stage.ledger.publish(someHappen(100));
    await stage.ledger.caughtUp();
    await corrupt();
    await sharing.ask('/rebuild', {});
    await ready();
    // `nobody` is a row of somebody else here.
    const { body } = await sharing.ask('/rebuild/diff');
    expect(body).toMatchObject({ tables: [{ changed: 1, missing: 1, extra: 0 }, { changed: 0 }] });
    expect(await sharing.ask('/rebuild/switch', {})).toMatchObject({ status: 200 });
    const foreign = { id: 'nobody', total: '5', revision: '0' };
    expect(await stage.ledger.totals()).toEqual([...stage.ledger.expected(), foreign]);
    await stage.pool.query(`UPDATE read_model.totals_${category} SET total = 6 WHERE id = 'nobody'`);
    expect(await sharing.ask('/rebuild/rollback', {})).toMatchObject({ status: 200 });
    await sharing.close();
    const rows = await stage.ledger.totals();
    expect(rows.find(({ id }) => id === 'nobody')).toEqual({ ...foreign, total: '6' });
    expect(rows.some(({ id }) => id === 'e2')).toBe(false);
  });

  test('leaves nothing behind when it is cancelled', async () => {
    await filled(50);
    await stage.api.ask('/rebuild', {});
    await ready();
    expect(await stage.api.ask('/rebuild/cancel', {})).toMatchObject({
      status: 200,
      body: { state: 'cancelled' },
    });
    const { rows } = await stage.pool.query(
      `SELECT 1 FROM pg_class WHERE relname LIKE '%\\_\\_next\\_${stage.ledger.category}'`,
    );
    expect(rows).toEqual([]);
    await expectViewIsFold();
    const { body } = await stage.api.askAt(`audit?view=${stage.ledger.key}`);
    expect(body['data']).toMatchObject([{ verb: 'cancel' }, { verb: 'rebuild' }]);
  });

  test('keeps what was skipped, and refuses a switch that would hide what is shown', async () => {
    stage.ledger.project();
    await stage.ledger.publish([5, 666, 7].map((amount) => stage.ledger.happens('poisoned', amount)));
    await stage.ledger.publish([5, 6].map((amount) => stage.ledger.happens('fine', amount)));
    const parked = async () => stage.ledger.count('parked_events');
    await eventually('it is parked', async () => (await parked()) === 2);
    await stage.api.ask(`/parked/${stage.ledger.streamOf('poisoned')}/skip`, { reason: 'a typing error' });
    await stage.api.ask('/rebuild', {});
    await ready();
    expect((await stage.api.ask('/rebuild/diff')).body).toMatchObject({
      tables: [{ changed: 0 }, { changed: 0 }],
    });
    await stage.pool.query('DELETE FROM read_model.amended_events WHERE view = $1', [stage.ledger.key]);
    await stage.api.ask('/rebuild/cancel', {});
    await stage.api.ask('/rebuild', {});
    await ready();
    expect(await stage.api.ask('/rebuild/switch', {})).toMatchObject({
      status: 409,
      body: { code: 'VIEW.REBUILD_PARKS_MORE' },
    });
    expect(await stage.api.ask('/rebuild/switch', { acceptParked: true })).toMatchObject({ status: 200 });
    expect(await parked()).toBe(2);
  });

  test.each([
    ['a switch without a rebuild', '/rebuild/switch', {}, 409, 'VIEW.REBUILD_STATE'],
    ['a cancel without one', '/rebuild/cancel', {}, 409, 'VIEW.REBUILD_STATE'],
    ['a report without one', '/rebuild/diff', undefined, 409, 'VIEW.REBUILD_STATE'],
    ['a throttle of nothing', '/rebuild', { throttle: 0 }, 422, 'REQUEST.INVALID_BODY'],
  ])('%s is refused', async (_, path, body, code, problem) => {
    await filled(5);
    expect(await stage.api.ask(path, body)).toMatchObject({ status: code, body: { code: problem } });
  });

  test('a second one of the same view is refused', async () => {
    await filled(5);
    await stage.api.ask('/rebuild', {});
    expect((await stage.api.ask('/rebuild', {})).body).toMatchObject({ code: 'VIEW.REBUILD_STATE' });
  });
});

function spawnProjector(): ChildProcess {
  const child = spawn(
    process.execPath,
    ['dist/test/integration/projector-process.js', stage.ledger.category],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  children.push(child);
  return child;
}
