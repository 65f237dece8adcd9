import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { streamName } from '#libs/core/entity-id.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { homeQueueOf } from '#libs/entity/protocol/task-queues.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { eventually } from '../support/account-rest.js';
import { patientStore } from '../support/patient-store.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { untilAnswered } from '../support/until-answered.js';

/** So that runs are short: an entity moves when its run continues as new. */
const MESSAGES_PER_RUN = 10;
const PAUSE_MILLISECONDS = 20;
/** The accounts move between two messages, however many other tests share the machine. */
const PATIENCE_MILLISECONDS = 180_000;

const store = patientStore();
const prefix = randomUUID();
const streams = Array.from({ length: 6 }, (_, index) => streamName('account', `${prefix}-${index}`));
const sent = new Map(streams.map((stream) => [stream, new Set<string>()]));

let client: Client;
let running: ServiceProcess | undefined;
beforeAll(() => {
  const address = String(process.env['TEMPORAL_ADDRESS']);
  client = connectTemporal({ address, namespace: 'default' });
});
afterAll(async () => {
  await running?.stop();
  await client.connection.close();
  await store.close();
});

const partitionsOf = (account: number) => ({ account });

/** Ends the process of the service and starts one with another number of partitions. */
async function divideInto(account: number): Promise<void> {
  await running?.stop();
  running = await startServiceProcess('account', {
    ROLES: 'api,worker',
    TASK_QUEUE_PARTITIONS: `account=${account}`,
  });
}

const open = (stream: string) =>
  client.workflow.signalWithStart('account', {
    workflowId: stream,
    taskQueue: 'account',
    args: [{ stream, messagesPerRun: MESSAGES_PER_RUN }],
    signal: 'commands',
    signalArgs: [[envelopeOf({ type: 'Open', data: { owner: 'alice', currency: 'EUR' } }, randomUUID())]],
  });

/** Sends every account a deposit again and again. */
async function keepDepositing(gateway: EntityGateway, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const stream of streams) {
      const deposit = envelopeOf({ type: 'Deposit', data: { amount: 1 } }, randomUUID());
      await untilAnswered(() => gateway.send(stream, [deposit]));
      sent.get(stream)?.add(deposit.commandId);
    }
    await pause(PAUSE_MILLISECONDS);
  }
}

const queueOf = async (stream: string) => (await client.workflow.getHandle(stream).describe()).taskQueue;

/** Waits until every account is on the task queue that it belongs to. */
async function untilAllMoved(account: number): Promise<readonly string[]> {
  const homes = streams.map((stream) => homeQueueOf(stream, partitionsOf(account)));
  const queues = () => Promise.all(streams.map(queueOf));
  return eventually(
    queues,
    (each) => each.every((queue, index) => queue === homes[index]),
    PATIENCE_MILLISECONDS,
  );
}

it('change in number under load, and every command is decided once', async () => {
  // Accounts of before the queue was divided.
  await Promise.all(streams.map(open));
  const end = new AbortController();
  const gateway = createEntityGateway({ client, store, deciders: {} });
  const depositing = keepDepositing(gateway, end.signal);

  await divideInto(4);
  expect(new Set(await untilAllMoved(4)).size).toBeGreaterThan(1);
  await divideInto(2);
  expect(new Set(await untilAllMoved(2)).size).toBe(2);

  end.abort();
  await depositing;
  for (const stream of streams) {
    const deposits = async () => {
      const ids: string[] = [];
      for await (const { type, metadata } of store.read(stream))
        if (type === 'MoneyDeposited') ids.push(metadata.commandId);
      return ids;
    };
    const ids = await eventually(deposits, ({ length }) => length >= (sent.get(stream)?.size ?? 0), 60_000);
    expect(ids).toHaveLength(sent.get(stream)?.size ?? 0);
    expect(new Set(ids)).toEqual(sent.get(stream));
  }
});
