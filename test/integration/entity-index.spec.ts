import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import { createCommandIndex } from '#libs/entity/memory/postgres-command-index.js';
import { overdueEntities } from '#libs/entity/memory/overdue-entities.js';
import { createNameIndex } from '#libs/entity/memory/postgres-name-index.js';
import { startSweeper } from '#libs/entity/memory/sweeper.js';
import type { Background } from '#libs/runtime/in-background.js';
import { usedNamesView } from '#libs/entity/memory/used-names.projection.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { type RunningProjector, startProjector } from '#libs/read-model/start-projector.js';
import { waitForRevision } from '#libs/read-model/view-revision.js';
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

const noStore = {} as EventStore;
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const FAR_AWAY = '9000-01-01T00:00:00.000Z';

let kafka: Kafka;
let pool: Pool;
let category: string;
let decider: AnyDecider;
let projector: RunningProjector;

/** An entity whose deadlines are in its last event. Each is used once. */
function deciderOf(name: string): AnyDecider {
  return {
    name,
    stateVersion: 1,
    initialState: { due: '' },
    decide: () => [],
    evolve: (_: unknown, { data }: DomainEvent) => data,
    names: ({ data }: DomainEvent) => [data['due'] as string],
    deadline: ({ due }: { due: string }) =>
      due ? { at: due, subject: 'it', command: { type: 'Ring', data: {} } } : undefined,
  };
}

beforeAll(() => {
  kafka = openKafka();
  pool = openPool();
});

beforeEach(() => {
  category = newCategory();
  decider = deciderOf(category);
  const views = [entityIndexView(decider), ...(decider.names ? [usedNamesView(decider)] : [])];
  projector = startProjector({ kafka, pool, store: noStore, views, groupPrefix: category, logger });
});

afterAll(async () => {
  await kafka.close();
  await pool.end();
});

async function happened(id: string, revision: number, due: string): Promise<RecordedEvent> {
  const event = recorded(`${category}-default.${id}`, revision, newEvent('Scheduled', { due }));
  await eventually(
    'the topic is there',
    async () => (await kafka.watermarks(eventsTopic(category)).catch(() => new Map())).size > 0,
  );
  await publish(kafka, eventsTopic(category), [event]);
  await eventually('it is indexed', async () => {
    return (await pool.query(`SELECT to_regclass('read_model.entities') AS made`)).rows[0].made !== null;
  });
  expect(await waitForRevision(pool, entityIndexView(decider), event.stream, revision, 30_000)).toBe(
    revision,
  );
  return event;
}

/** Runs a sweeper and records the streams that it wakes. */
function sweeping(wake: (stream: string) => Promise<void> = async () => undefined): {
  woken: string[];
  sweeper: Background;
} {
  const woken: string[] = [];
  const sweeper = startSweeper({
    sources: [overdueEntities({ pool, categories: [category], patienceSeconds: 1 })],
    patienceSeconds: 1,
    logger,
    wake: async (stream) => {
      woken.push(stream);
      await wake(stream);
    },
  });
  return { woken, sweeper };
}

describe('the index of an entity', () => {
  it('finds a command by its id, with the place where its event went', async () => {
    const event = await happened('one', 0, '');
    const index = createCommandIndex(pool, entityIndexView(decider));
    const found = await index.find(event.stream, [event.metadata.commandId]);
    expect(found).toMatchObject({
      revision: 0,
      commands: [{ outcome: { status: 'accepted', revision: 0, events: ['Scheduled'] } }],
    });
    const { relayed } = found.commands[0] ?? {};
    const { low, high } = (await kafka.watermarks(eventsTopic(category))).get(relayed?.partition ?? -1) ?? {};
    expect(BigInt(relayed?.offset ?? -1)).toBeGreaterThanOrEqual(low ?? 0n);
    expect(BigInt(relayed?.offset ?? -1)).toBeLessThan(high ?? 0n);
    expect((await index.find(event.stream, ['another'])).commands).toEqual([]);
    expect(await index.find(`${category}-default.two`, [event.metadata.commandId])).toEqual({
      revision: -1,
      commands: [],
    });
    await projector.close();
  });
});

describe('the used names of an entity', () => {
  it('are found, up to the revision that is indexed', async () => {
    const { stream } = await happened('one', 0, FAR_AWAY);
    await happened('one', 1, LONG_AGO);
    await waitForRevision(pool, usedNamesView(decider), stream, 1, 30_000);
    const index = createNameIndex(pool, usedNamesView(decider));
    const { revision, used } = await index.find(stream, [FAR_AWAY, 'never used', LONG_AGO]);
    expect(revision).toBe(1);
    expect(new Set(used)).toEqual(new Set([FAR_AWAY, LONG_AGO]));
    expect(await index.find(`${category}-default.two`, [LONG_AGO])).toEqual({ revision: -1, used: [] });
    await projector.close();
  });
});

describe('the sweeper', () => {
  it('wakes only what is overdue', async () => {
    const { stream } = await happened('late', 0, LONG_AGO);
    await happened('early', 0, FAR_AWAY);
    await happened('never', 0, '');
    const { woken, sweeper } = sweeping();
    await eventually('it is woken twice', () => woken.length >= 2);
    expect(new Set(woken)).toEqual(new Set([stream]));
    await sweeper.close();
    await projector.close();
  });

  it('leaves alone, for longer each time, what it wakes in vain, until something happens', async () => {
    const { stream } = await happened('late', 0, LONG_AGO);
    const { woken, sweeper } = sweeping();
    await eventually('it is woken', () => woken.length > 0);
    await eventually('its waking is noted', async () => {
      const { rows } = await pool.query('SELECT wakings FROM read_model.duties_v1 WHERE stream = $1', [
        stream,
      ]);
      return rows[0].wakings > 0;
    });
    // As after many attempts: the next would come in days.
    await pool.query('UPDATE read_model.duties_v1 SET wakings = 20 WHERE stream = $1', [stream]);
    const wakings = (name: string) => woken.filter((each) => each === name).length;
    // A sweep that started before that may still be running. The one that finds this has not.
    const second = await happened('second', 0, LONG_AGO);
    await eventually('the second is woken', () => wakings(second.stream) > 0);
    const before = wakings(stream);
    const third = await happened('third', 0, LONG_AGO);
    await eventually('the third is woken', () => wakings(third.stream) > 0);
    expect(wakings(stream)).toBe(before);
    await happened('late', 1, LONG_AGO);
    await eventually('it is woken again', () => wakings(stream) > before);
    await sweeper.close();
    await projector.close();
  });

  it('continues when an entity cannot be woken', async () => {
    await happened('late', 0, LONG_AGO);
    let failures = 2;
    const { woken, sweeper } = sweeping(async () => {
      if (failures-- > 0) throw new Error('Temporal is away');
    });
    await eventually('it is tried again', () => woken.length >= 3);
    await sweeper.close();
    await projector.close();
  });
});
