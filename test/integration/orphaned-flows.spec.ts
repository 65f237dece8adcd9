import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { FlowEvent } from '#libs/core/flow/flow.messages.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { startSweeper } from '#libs/entity/memory/sweeper.js';
import type { Background } from '#libs/runtime/in-background.js';
import { EngineUnavailableError } from '#libs/entity/gateway/entity-gateway.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { flowsView } from '#libs/operations/flows/flows.projection.js';
import { orphanedFlows } from '#libs/operations/flows/orphaned-flows.js';
import { type RunningProjector, startProjector } from '#libs/read-model/start-projector.js';
import { waitForRevision } from '#libs/read-model/view-revision.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
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

const HOUR = 3_600_000;

let kafka: Kafka;
let pool: Pool;
let client: Client;
beforeAll(() => {
  kafka = openKafka();
  pool = openPool();
  client = connectTemporal({ address: process.env['TEMPORAL_ADDRESS'] ?? '', namespace: 'default' });
});
afterAll(async () => {
  await client.connection.close();
  await kafka.close();
  await pool.end();
});

let type: string;
let projector: RunningProjector;
let sweepers: Background[];
beforeEach(async () => {
  type = newCategory();
  sweepers = [];
  await kafka.ensureTopics([eventTopicSpec(type)]);
  const views = [flowsView(type)];
  projector = startProjector({ kafka, pool, store: {} as EventStore, views, groupPrefix: type, logger });
});
afterEach(async () => {
  await Promise.all(sweepers.map((sweeper) => sweeper.close()));
  await projector.close();
});

const streamOf = (id: string) => `${type}-default.${id}`;

/** Flows that began this long ago, with what happened to them since. */
async function shown(ids: readonly string[], { ago = HOUR, since = [] as readonly FlowEvent[] } = {}) {
  const began = toTimestamp(Date.now() - ago);
  const started = { type: 'FlowStarted' as const, data: { input: {}, execution: 'gone', at: began } };
  const events = [started, ...since];
  const written = ids.flatMap((id) =>
    events.map((event, index) => recorded(streamOf(id), index, newEvent(event.type, event.data))),
  );
  await publish(kafka, eventsTopic(type), written);
  await eventually('the view has begun', async () => {
    return (await pool.query(`SELECT to_regclass('read_model.entities') AS made`)).rows[0].made !== null;
  });
  for (const id of ids) {
    const last = events.length - 1;
    expect(await waitForRevision(pool, flowsView(type), streamOf(id), last, 30_000)).toBe(last);
  }
}

/** Sweeps as the worker of a service does. `woken` are the ids of the flows, as often as woken. */
function sweep(wake: (id: string) => void | Promise<void> = () => undefined) {
  const woken: string[] = [];
  const sweeper = startSweeper({
    sources: [orphanedFlows({ client, pool, types: [type], logger })],
    patienceSeconds: 0.05,
    logger,
    wake: async (stream) => {
      const id = stream.slice(stream.indexOf('.') + 1);
      await wake(id);
      woken.push(id);
    },
  });
  sweepers.push(sweeper);
  return { woken, sweeper };
}

/** As if the database that was remembered were another than the one that Temporal has. */
async function temporalIsEmptied(): Promise<void> {
  await pool.query(`UPDATE perdure_memory.temporal_databases SET namespace_id = $1`, [randomUUID()]);
}

async function allNoted(): Promise<void> {
  await eventually('all are noted', async () => {
    const { rows } = await pool.query(
      `SELECT count(*)::int AS left FROM read_model.flows_v2
       WHERE type = $1 AND status = 'running' AND woken_at < now() - interval '1 minute'
         AND started_at < now()`,
      [type],
    );
    return rows[0].left === 0;
  });
}

const at = toTimestamp(0);
const lost: FlowEvent = { type: 'FlowLost', data: { at } };
const failed: FlowEvent = { type: 'FlowFailed', data: { code: 'A.B', detail: 'no', unread: [], at } };
const cancelAsked: FlowEvent = { type: 'FlowCancelRequested', data: { reason: 'rain', at } };

test('open flows are woken once for each database that Temporal ever gets', async () => {
  await shown(['a', 'b']);
  await shown(['stopping'], { since: [cancelAsked] });
  await shown(['over'], { since: [failed] });
  await shown(['lost'], { since: [lost] });
  await shown(['later'], { ago: -HOUR });
  const { woken } = sweep();
  const each = ['a', 'b', 'stopping'];
  await eventually('they are woken', () => woken.length >= each.length);
  await allNoted();
  await temporalIsEmptied();
  await eventually('they are woken again', () => woken.length >= 2 * each.length);
  await allNoted();
  expect(woken.toSorted()).toEqual([...each, ...each].toSorted());
});

test('a flow that the view shows only later is woken, too', async () => {
  await shown(['early']);
  const { woken } = sweep();
  await eventually('the first is woken', () => woken.length > 0);
  await shown(['late']);
  await eventually('the second is woken', () => woken.includes('late'));
});

test('a sweeper that is stopped in the middle leaves the rest to the next one', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `f${index}`);
  await shown(ids);
  const first = sweep(async () => {
    if (first.woken.length === 10) void first.sweeper.close();
  });
  await eventually('it is stopped', () => first.woken.length > 10);
  await first.sweeper.close();
  const second = sweep();
  await eventually('the rest is woken', () => first.woken.length + second.woken.length >= ids.length);
  await allNoted();
  expect(new Set([...first.woken, ...second.woken])).toEqual(new Set(ids));
  expect(first.woken).toHaveLength(11);
  expect(second.woken).toHaveLength(19);
});

test('flows are woken once Temporal answers', async () => {
  await shown(['a', 'b', 'c', 'd']);
  let refusals = 5;
  const { woken } = sweep(() => {
    if (refusals-- > 0) throw new EngineUnavailableError('temporal');
  });
  await eventually('all are woken', () => woken.length >= 4);
  expect(new Set(woken)).toEqual(new Set(['a', 'b', 'c', 'd']));
});
