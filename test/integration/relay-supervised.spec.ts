import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { eventsTopic } from '#contracts/entity-contract.js';
import { killServer, testHome } from '#tools/dev-stack/kill-server.js';
import type { EventStore, RecordedEvent } from '#libs/event-store/event-store.js';
import { toCloudEvent } from '#libs/kafka/cloud-event.codec.js';
import { eventTopicSpec } from '#libs/kafka/event-topic.js';
import { ProducerFencedError } from '#libs/kafka/kafka.errors.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { relayWorkflowId } from '#libs/relay/ensure-relay.js';
import { RELAY_WORKFLOW } from '#libs/relay/protocol/relay.messages.js';
import { eventually, eventuallyHolds, newCategory, newEvent, openKafka, readTopic } from './read-path-kit.js';
import { patientStore } from '../support/patient-store.js';

interface RelayWorker {
  readonly child: ChildProcess;
  /** Events relayed by this process, or undefined while it is not the relay. */
  relayed(): number | undefined;
  isReady(): boolean;
}

let kafka: Kafka;
let store: EventStore;
let connection: Connection;
let client: Client;
let category: string;
let ids: string[];
let workers: RelayWorker[] = [];

beforeAll(async () => {
  kafka = openKafka();
  store = patientStore();
  connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  client = new Client({ connection });
});

beforeEach(async () => {
  category = newCategory();
  ids = [];
  await kafka.ensureTopics([eventTopicSpec(category)]);
});

afterEach(async () => {
  await client.workflow
    .getHandle(relayWorkflowId(category))
    .terminate()
    .catch(() => undefined);
  for (const { child } of workers) child.kill('SIGKILL');
  workers = [];
});

afterAll(async () => {
  await connection.close();
  await kafka.close();
  await store.close();
});

function spawnWorker(...more: readonly string[]): RelayWorker {
  const args = ['dist/test/integration/relay-worker-process.js', category, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = '';
  child.stdout.on('data', (chunk) => (last = String(chunk).trim().split('\n').at(-1) ?? ''));
  const worker: RelayWorker = {
    child,
    isReady: () => last.startsWith('ready'),
    relayed: () => {
      const relayed = last.split(' ').at(-1);
      return relayed === undefined || relayed === '-' ? undefined : Number(relayed);
    },
  };
  workers.push(worker);
  return worker;
}

async function append(count: number): Promise<void> {
  const events = Array.from({ length: count }, () => newEvent('Added', { amount: 1 }));
  await store.append(`${category}-default.one`, ids.length - 1, events);
  ids.push(...events.map(({ id }) => id));
}

const published = async (): Promise<string[]> =>
  (await readTopic(kafka, eventsTopic(category))).map(({ id }) => id);

/** Milliseconds until an event appended now is on the topic. */
async function timeToPublish(): Promise<number> {
  const at = performance.now();
  await append(1);
  await eventuallyHolds(kafka, eventsTopic(category), ids.length, 60_000);
  return performance.now() - at;
}

/** The relay as Temporal sees it: attempts since it last succeeded, and its last failure. */
async function activity() {
  const { raw } = await client.workflow.getHandle(relayWorkflowId(category)).describe();
  const pending = raw.pendingActivities?.[0];
  return { attempt: pending?.attempt ?? 0, failure: pending?.lastFailure?.applicationFailureInfo?.type };
}

/** The process reports later than it acts. */
async function isTheRelay(worker: RelayWorker): Promise<void> {
  await eventually('it is the relay', () => worker.relayed() !== undefined);
}

const ownsServers = process.env[testHome] ? test : test.skip;

describe('the relay role', () => {
  test('is taken over immediately when its process ends gracefully', async () => {
    const first = spawnWorker();
    await timeToPublish();
    await isTheRelay(first);
    const second = spawnWorker();
    await eventually('the second is ready', () => second.isReady());
    expect(second.relayed()).toBeUndefined();

    const exited = once(first.child, 'exit');
    const at = performance.now();
    first.child.kill('SIGTERM');
    await isTheRelay(second);
    process.stdout.write(`handed over in ${(performance.now() - at).toFixed(0)} ms\n`);
    // It was handed over, rather than found missing seconds later.
    expect(await activity()).toMatchObject({ failure: 'RelayHandOver' });
    await exited;
    await timeToPublish();
    expect(await published()).toEqual(ids);
  });

  test('is taken over after a kill, and nothing is lost or repeated', async () => {
    spawnWorker();
    await timeToPublish();
    const second = spawnWorker();
    await eventually('the second is ready', () => second.isReady());
    workers[0]?.child.kill('SIGKILL');
    process.stdout.write(`back after a kill in ${(await timeToPublish()).toFixed(0)} ms\n`);
    await isTheRelay(second);
    expect(await published()).toEqual(ids);
  });

  ownsServers(
    'is begun again when it has given up on the broker, and nothing is lost or repeated',
    async () => {
      spawnWorker('2000');
      await timeToPublish();
      const { attempt } = await activity();
      killServer('kafka', 'SIGSTOP');
      try {
        await append(5);
        await eventually('it has given up', async () => (await activity()).attempt > attempt, 100_000);
      } finally {
        killServer('kafka', 'SIGCONT');
      }
      await timeToPublish();
      expect(await published()).toEqual(ids);
    },
  );

  test('ends when its workflow is cancelled', async () => {
    const only = spawnWorker();
    await timeToPublish();
    const handle = client.workflow.getHandle(relayWorkflowId(category));
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(/cancelled/i);
    await eventually('it is no relay any more', () => only.relayed() === undefined);
    await append(5);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(only.relayed()).toBeUndefined();
  });

  test('follows the relay that an earlier release had for the category, which can publish nothing more', async () => {
    await append(3);
    // As that release left it: its workflow, its producer, and one event on the topic.
    const earlier = client.workflow.getHandle(`relay-${category}`);
    const relayOf = { workflowId: earlier.workflowId, taskQueue: `${category}-relay`, args: [{ category }] };
    const { firstExecutionRunId } = await client.workflow.start(RELAY_WORKFLOW, relayOf);
    const zombie = await kafka.openProducer(`perdure.relay.${category}`);
    const events: RecordedEvent[] = [];
    for await (const event of store.read(`${category}-default.one`)) events.push(event);
    const messages = events.map(toCloudEvent);
    const topic = eventsTopic(category);
    await zombie.commit([{ topic, messages: messages.slice(0, 1) }]);

    spawnWorker();
    await timeToPublish();
    expect(await published()).toEqual(ids);
    const ended = await client.workflow.getHandle(earlier.workflowId, firstExecutionRunId).describe();
    expect(ended.status.name).toBe('TERMINATED');
    const again = client.workflow.start(RELAY_WORKFLOW, relayOf);
    await expect(again).rejects.toThrow(WorkflowExecutionAlreadyStartedError);
    await expect(zombie.commit([{ topic, messages: messages.slice(1) }])).rejects.toThrow(
      ProducerFencedError,
    );
    await zombie.close();
    await earlier.terminate();
  });
});
