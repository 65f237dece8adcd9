import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { NativeConnection, Worker } from '@temporalio/worker';
import { streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { snapshotStream } from '#libs/entity/activities/snapshots.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { eventually } from '../support/account-rest.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';
import { untilAnswered } from '../support/until-answered.js';
import { logger } from './read-path-kit.js';

const KEYWORD = 2;
const CLIENTS = 24;
const COMMANDS = 15;
const ACCOUNTS = 6;

/**
 * A separate namespace: a service for other tests would wake these entities and never let them
 * rest.
 */
const namespace = `rest-${randomUUID()}`;
let unanswered = 0;
let store: EventStore;
let connection: Connection;
let native: NativeConnection;
let client: Client;
let gateway: EntityGateway;
let worker: Worker;
let ended: Promise<void>;

beforeAll(async () => {
  keepTemporalQuiet();
  const address = String(process.env['TEMPORAL_ADDRESS']);
  store = connectEventStore(String(process.env['EVENTSTORE_URL']));
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  gateway = createEntityGateway({ client, store, deciders: { account: accountDecider } });
  await openNamespace();
  // They end as soon as they have nothing to do.
  const rest = { afterMilliseconds: 0, snapshotEvery: 10 };
  worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue: accountDecider.name,
    workflowBundle: { codePath: resolve('dist/apps/account/workflows.bundle.js') },
    activities: createEntityActivities({ decider: accountDecider, store, logger, rest }),
  });
  ended = worker.run();
});

afterAll(async () => {
  await stopWorker();
  await native.close();
  await connection.close();
  await store.close();
});

/** The server knows a new namespace only seconds later. */
async function openNamespace(): Promise<void> {
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  const searchAttributes = { EntityType: KEYWORD, EntityId: KEYWORD };
  await eventually(
    () =>
      connection.operatorService
        .addSearchAttributes({ namespace, searchAttributes })
        .then(() => native.workflowService.describeNamespace({ namespace }))
        .catch((error: unknown) => error),
    (answer) => !(answer instanceof Error),
  );
}

async function stopWorker(): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await ended;
}

const now = () => toTimestamp(Date.now());

/** Sends again what was not answered, and counts it. */
const insist = (send: () => Promise<void>) => untilAnswered(send, () => (unanswered += 1));

function deposit(name: string): CommandEnvelope {
  return envelopeOf({ type: 'Deposit', data: { amount: 9, reference: name }, at: now() }, name);
}

async function newAccount(): Promise<string> {
  const stream = streamName('account', `rest-${randomUUID()}`);
  const data = { owner: 'Alice', currency: 'USD' };
  const open = envelopeOf({ type: 'Open', data, at: now() }, `${stream} open`);
  expect(await gateway.execute(stream, [open], 60_000)).toMatchObject([{ status: 'accepted' }]);
  return stream;
}

async function eventsOf(stream: string): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.read(stream)) events.push(event);
  return events;
}

async function untilAtRest(stream: string): Promise<string> {
  const { runId } = await eventually(
    () => client.workflow.getHandle(stream).describe(),
    ({ status }) => status.name === 'COMPLETED',
    60_000,
  );
  return runId;
}

it('entities that end whenever they are idle apply each command of two dozen clients once', async () => {
  const random = seededRandom(printedSeed());
  const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, newAccount));
  const sent = new Map<string, string[]>(accounts.map((stream) => [stream, []]));
  const lives = new Set<string>();
  const run = async (number: number): Promise<void> => {
    for (let index = 0; index < COMMANDS; index += 1) {
      const stream = accounts[Math.floor(random() * ACCOUNTS)] as string;
      const name = `${stream} ${number}-${index}`;
      const envelope = deposit(name);
      const isAwaited = random() < 0.5;
      await insist(async () => {
        if (!isAwaited) return gateway.send(stream, [envelope]);
        expect(await gateway.execute(stream, [envelope], 60_000)).toMatchObject([{ status: 'accepted' }]);
      });
      if (random() < 0.2) await insist(() => gateway.send(stream, [envelope]));
      sent.get(stream)?.push(name);
      lives.add((await client.workflow.getHandle(stream).describe()).runId);
      if (random() < 0.5) await new Promise((done) => setTimeout(done, random() * 300));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => run(number)));
  for (const stream of accounts) {
    await untilAtRest(stream);
    const deposits = (await eventsOf(stream)).flatMap(({ data }) => data['reference'] ?? []);
    expect(deposits.sort()).toEqual(sent.get(stream)?.sort());
    const live = await gateway.state(stream);
    expect(live).toMatchObject({ revision: deposits.length, state: { balance: deposits.length * 9 } });
    expect(await eventsOf(snapshotStream(stream))).toHaveLength(1);
  }
  console.log(
    `${CLIENTS * COMMANDS} commands in ${lives.size} lives or more of ${ACCOUNTS} accounts, ${unanswered} sent again`,
  );
  expect(lives.size).toBeGreaterThan(ACCOUNTS);
});

it('an entity at rest is asked without being woken, and knows all that it knew', async () => {
  const stream = await newAccount();
  const withdrawal = envelopeOf({ type: 'Withdraw', data: { amount: 500 }, at: now() }, `${stream} w`);
  const [rejected] = await gateway.execute(stream, [withdrawal], 60_000);
  expect(rejected).toMatchObject({ status: 'rejected' });
  const before = await untilAtRest(stream);
  expect(await gateway.receipt(stream, withdrawal.commandId)).toMatchObject({ status: 'rejected' });
  expect(await gateway.receipt(stream, 'unknown')).toBeUndefined();
  expect(await gateway.state(stream)).toMatchObject({ revision: 0 });
  expect(await untilAtRest(stream)).toBe(before);
  const [again] = await gateway.execute(stream, [withdrawal], 60_000);
  expect(again).toEqual({ ...rejected, replayed: true });
});

it('an entity at rest is asked while no worker runs', async () => {
  const stream = await newAccount();
  await untilAtRest(stream);
  await stopWorker();
  expect(await gateway.state(stream)).toMatchObject({ revision: 0 });
  // If a workflow were asked, the answer would be unknown.
  expect(await gateway.receipt(stream, 'unknown')).toBeUndefined();
});
