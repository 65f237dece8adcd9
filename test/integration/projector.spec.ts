import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { startProjector, type RunningProjector } from '#libs/read-model/start-projector.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { waitForRevision } from '#libs/read-model/view-revision.js';
import { seededRandom } from '../support/seeded-random.js';
import { expectedTotals, ledgerView, type TotalRow } from './ledger-view.js';
import {
  eventually,
  logger,
  newCategory,
  newEvent,
  openKafka,
  openPool,
  publish,
  recorded,
} from './read-path-kit.js';
import { depthOf } from '../support/depth.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);

let kafka: Kafka;
let pool: Pool;
let category: string;
let topic: string;
let ledger: AnyView;
/** The content of the "store": the port's read, on what the test has recorded. */
let history: RecordedEvent[];
let revisions: Map<string, number>;
let running: RunningProjector[];
const children: ChildProcess[] = [];

const store = {
  async *read(stream: string, { from = 0, limit = Infinity } = {}) {
    yield* history.filter((event) => event.stream === stream && event.revision >= from).slice(0, limit);
  },
} as Pick<EventStore, 'read'> as EventStore;

beforeAll(() => {
  process.stdout.write(`projector seed ${seed}\n`);
  kafka = openKafka();
  pool = openPool();
});

beforeEach(async () => {
  category = newCategory();
  topic = eventsTopic(category);
  ledger = ledgerView(category);
  history = [];
  revisions = new Map();
  running = [];
  await kafka.ensureTopics([eventTopicSpec(category)]);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(running.map((projector) => projector.close()));
});

afterAll(async () => {
  await kafka.close();
  await pool.end();
});

function project(): RunningProjector {
  const projector = startProjector({ kafka, pool, store, views: [ledger], groupPrefix: category, logger });
  running.push(projector);
  return projector;
}

async function stop(projector: RunningProjector): Promise<void> {
  await projector.close();
  running = running.filter((other) => other !== projector);
}

/** The next event of an entity: recorded in the "store", not yet on the topic. */
function happens(id: string, amount: number, note?: string): RecordedEvent {
  const stream = `${category}-default.${id}`;
  const revision = (revisions.get(id) ?? -1) + 1;
  revisions.set(id, revision);
  const event = recorded(
    stream,
    revision,
    newEvent('Added', { amount, ...(note !== undefined && { note }) }),
  );
  history.push(event);
  return event;
}

function someHappen(entities: number, events: number): RecordedEvent[] {
  return Array.from({ length: events }, () =>
    happens(`e${Math.floor(random() * entities)}`, 1 + Math.floor(random() * 100)),
  );
}

async function totals(): Promise<TotalRow[]> {
  const { rows } = await pool.query<TotalRow>(
    `SELECT id, total, revision FROM read_model.totals_${category} ORDER BY id COLLATE "C"`,
  );
  return rows;
}

async function caughtUp(events: readonly RecordedEvent[] = history): Promise<void> {
  const last = new Map(events.map(({ stream, revision }) => [stream, revision]));
  await eventually('the projector has begun', async () => {
    const { rows } = await pool.query(`SELECT to_regclass('read_model.totals_${category}') AS made`);
    return (rows[0] as { made: unknown }).made !== null;
  });
  for (const [stream, revision] of last) {
    expect(await waitForRevision(pool, ledger, stream, revision, 60_000)).toBe(revision);
  }
}

/** Row by row, and the entries too: one per event, none twice, none missing. */
async function expectViewIsFold(events: readonly RecordedEvent[] = history): Promise<void> {
  expect(await totals()).toEqual(expectedTotals(events));
  const { rows } = await pool.query<{ id: string; revision: string; amount: string }>(
    `SELECT id, revision, amount FROM read_model.entries_${category} ORDER BY id COLLATE "C", revision`,
  );
  const expected = events
    .map(({ stream, revision, data }) => ({
      id: stream.slice(stream.indexOf('.') + 1),
      revision,
      amount: data['amount'] as number,
    }))
    .sort((a, b) => (a.id === b.id ? a.revision - b.revision : a.id < b.id ? -1 : 1))
    .map(({ id, revision, amount }) => ({ id, revision: String(revision), amount: String(amount) }));
  expect(rows).toEqual(expected);
}

describe('a projector', () => {
  test('folds every stream row for row', async () => {
    await publish(kafka, topic, someHappen(50, 700));
    project();
    await publish(kafka, topic, someHappen(50, 300));
    await caughtUp();
    await expectViewIsFold();
  });

  test('counts every event once when each is delivered twice', async () => {
    const events = someHappen(20, 300);
    project();
    await publish(kafka, topic, events.slice(0, 200));
    await publish(kafka, topic, events);
    await publish(kafka, topic, events);
    await caughtUp();
    await publish(kafka, topic, someHappen(20, 1));
    await caughtUp();
    await expectViewIsFold();
  });

  test('is not harmed when the topic is read again from the start', async () => {
    await publish(kafka, topic, someHappen(20, 300));
    const first = project();
    await caughtUp();
    await stop(first);
    await pool.query('DELETE FROM read_model.offsets WHERE view = $1', [viewKey(ledger)]);
    project();
    await publish(kafka, topic, someHappen(20, 50));
    await caughtUp();
    await expectViewIsFold();
  });

  test('starts over when its tables are behind the consumer group', async () => {
    await publish(kafka, topic, someHappen(20, 300));
    const first = project();
    await caughtUp();
    await stop(first);
    // As if PostgreSQL were restored from an old backup: the group's offsets in Kafka say that all
    // is done.
    await pool.query(`TRUNCATE read_model.totals_${category}, read_model.entries_${category}`);
    for (const table of ['offsets', 'entities']) {
      await pool.query(`DELETE FROM read_model.${table} WHERE view = $1`, [viewKey(ledger)]);
    }
    project();
    await publish(
      kafka,
      topic,
      [...Array(24).keys()].map((index) => happens(`other${index}`, 1)),
    );
    await caughtUp();
    await expectViewIsFold();
  });

  test('reads from the store what is missing on the topic', async () => {
    project();
    await publish(kafka, topic, [happens('gap', 1)]);
    happens('gap', 2);
    happens('gap', 3);
    happens('late', 10);
    await publish(kafka, topic, [happens('gap', 4), happens('late', 20)]);
    await caughtUp();
    await expectViewIsFold();
  });
});

describe('an event that cannot be folded', () => {
  async function parkedEvents(): Promise<unknown[]> {
    const { rows } = await pool.query(
      'SELECT stream, revision FROM read_model.parked_events WHERE view = $1 ORDER BY revision',
      [viewKey(ledger)],
    );
    return rows;
  }

  test('parks its entity and no other; later events of it queue behind', async () => {
    const projector = project();
    const good = happens('poisoned', 5);
    const others = someHappen(20, 100);
    await publish(kafka, topic, [good, happens('poisoned', 666), ...others.slice(0, 50)]);
    await publish(kafka, topic, [happens('poisoned', 7), ...others.slice(50), happens('poisoned', 8)]);
    const healthy = [good, ...others];
    await caughtUp(healthy);
    await eventually('the later events are queued', async () => (await parkedEvents()).length === 3);
    await expectViewIsFold(healthy);
    expect(await parkedEvents()).toEqual(
      [1, 2, 3].map((revision) => ({ stream: `${category}-default.poisoned`, revision: String(revision) })),
    );
    await eventually('health shows it', () => projector.health()[0]?.parkedEntities === 1);
  });

  test('is found among others when PostgreSQL refuses its row', async () => {
    project();
    const good = [happens('refused', 5), ...someHappen(20, 100)];
    await publish(kafka, topic, [...good, happens('refused', 0.5), happens('refused', 7)]);
    await caughtUp(good);
    await eventually('its events are queued', async () => (await parkedEvents()).length === 2);
    await expectViewIsFold(good);
  });

  test('is none for a text that PostgreSQL cannot store: U+FFFD replaces NUL and lone surrogates', async () => {
    project();
    await publish(kafka, topic, [happens('odd', 5, 'a \0, \ud83d and 😀'), happens('odd', 6)]);
    await publish(kafka, topic, [happens('odd', 7, '\ude00')]);
    await caughtUp();
    await expectViewIsFold();
    const { rows } = await pool.query(`SELECT note FROM read_model.entries_${category} ORDER BY revision`);
    expect(rows).toEqual([{ note: 'a \ufffd, \ufffd and 😀' }, { note: null }, { note: '\ufffd' }]);
  });

  test('is left out when it is no event at all, and noted', async () => {
    project();
    const events = someHappen(5, 20);
    const [forged] = events.map(toCloudEvent);
    await publish(kafka, topic, events.slice(0, 10), { ...forged!, value: '{"amount":' });
    await publish(kafka, topic, events.slice(10));
    await caughtUp();
    await expectViewIsFold();
    const { rows } = await pool.query('SELECT reason FROM read_model.unreadable_records WHERE view = $1', [
      viewKey(ledger),
    ]);
    expect(rows).toEqual([{ reason: 'its value is not JSON' }]);
  });
});

describe('several projectors', () => {
  test('share the partitions while they come and go', async () => {
    const first = project();
    await publish(kafka, topic, someHappen(40, 200));
    project();
    await publish(kafka, topic, someHappen(40, 200));
    await caughtUp();
    await stop(first);
    await publish(kafka, topic, someHappen(40, 200));
    await caughtUp();
    await expectViewIsFold();
  });

  function spawnProjector(): ChildProcess {
    const child = spawn(process.execPath, ['dist/test/integration/projector-process.js', category], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(child);
    return child;
  }

  test('lose nothing and repeat nothing when one is killed during a transaction', async () => {
    await publish(kafka, topic, someHappen(30, 200));
    spawnProjector();
    await caughtUp();
    // The group waits ten seconds for a member that was killed.
    for (let round = 0; round < depthOf('KILLS'); round++) {
      const child = children.at(-1)!;
      const lock = await pool.connect();
      await lock.query(`BEGIN; LOCK TABLE read_model.entries_${category} IN EXCLUSIVE MODE`);
      await publish(kafka, topic, someHappen(30, 100));
      await eventually('a transaction waits for the lock', async () => {
        const { rows } = await pool.query(
          `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'read_model.entries_${category}'::regclass`,
        );
        return rows.length > 0;
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
      await lock.query('ROLLBACK');
      lock.release();
      spawnProjector();
      await caughtUp();
      await expectViewIsFold();
    }
  });

  test('lose nothing and repeat nothing when one is killed at any moment', async () => {
    spawnProjector();
    for (let round = 0; round < depthOf('RESTARTS'); round++) {
      for (let batch = 0; batch < 10; batch++) await publish(kafka, topic, someHappen(30, 20));
      await new Promise((resolve) => setTimeout(resolve, random() * 400));
      const child = children.at(-1)!;
      child.kill('SIGKILL');
      spawnProjector();
    }
    await caughtUp();
    await expectViewIsFold();
  });
});
