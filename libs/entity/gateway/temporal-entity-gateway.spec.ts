import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { GrpcError, scriptedTemporal } from '#libs/testing/scripted-temporal.js';
import {
  EngineUnavailableError,
  EntityBusyError,
  onlyReceipt,
  OutcomeUnknownError,
} from './entity-gateway.js';
import { createEntityGateway } from './temporal-entity-gateway.js';

const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;
const WAIT = 50;
const PATIENT = 60_000;
const { ADMITTED, ACCEPTED } = {
  ADMITTED:
    temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage
      .UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED,
  ACCEPTED:
    temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage
      .UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED,
};

const stream = 'account-default.alice';
const deposit = (name: string) => envelopeOf({ type: 'Deposit', data: { amount: 1 } }, name);
const busy = () => Promise.reject(new GrpcError(RESOURCE_EXHAUSTED, 'rate limit exceeded'));

/** An entity whose updates the test answers. If `isBusy`, Temporal refuses signals. */
function entity({ isBusy }: { readonly isBusy: boolean }) {
  const updates: { answer(stage: number): void; refuse(): void }[] = [];
  let signals = 0;
  const client = scriptedTemporal({
    executeMultiOperation: () =>
      new Promise((resolve, reject) => {
        const workflowExecution = { workflowId: stream, runId: 'run' };
        const answer = (stage: number): void => {
          const updateWorkflow = { stage, updateRef: { workflowExecution, updateId: 'u' } };
          resolve({ responses: [{ startWorkflow: { runId: 'run' } }, { updateWorkflow }] });
        };
        updates.push({ answer, refuse: () => void busy().catch(reject) });
      }),
    pollWorkflowExecutionUpdate: busy,
    signalWithStartWorkflowExecution: () => {
      if (isBusy) return busy();
      signals += 1;
      return Promise.resolve({ runId: 'run' });
    },
    queryWorkflow: busy,
  });
  const store = { async *read() {} } as unknown as EventStore;
  const gateway = createEntityGateway({ client, store, deciders: {} });
  const sent = async (count: number) => {
    while (updates.length < count) await pause(1);
    return updates[count - 1] as (typeof updates)[number];
  };
  const execute = async (command: CommandEnvelope, wait: number, closing?: AbortSignal) =>
    onlyReceipt(await gateway.execute(stream, [command], wait, closing));
  return { gateway, execute, updates, sent, signals: () => signals };
}

describe('a command that still waits behind an update when its own wait ends', () => {
  it('is never sent once it was answered as not taken', async () => {
    const { execute, updates, sent } = entity({ isBusy: true });
    const first = execute(deposit('first'), PATIENT).catch(() => undefined);
    const update = await sent(1);
    await expect(execute(deposit('second'), WAIT)).rejects.toThrow(EntityBusyError);
    update.refuse();
    await first;
    await pause(10);
    expect(updates).toHaveLength(1);
  });

  it('leaves by signal alone, as when its server closes', async () => {
    const { execute, updates, sent, signals } = entity({ isBusy: false });
    const first = execute(deposit('first'), PATIENT).catch(() => undefined);
    const update = await sent(1);
    const closing = new AbortController();
    const second = execute(deposit('second'), PATIENT, closing.signal);
    const third = execute(deposit('third'), WAIT);
    closing.abort();
    expect([await second, await third]).toMatchObject([{ status: 'pending' }, { status: 'pending' }]);
    update.refuse();
    await first;
    await pause(10);
    expect(signals()).toBe(2);
    expect(updates).toHaveLength(1);
  });
});

describe('a command that has left', () => {
  it('has an unknown outcome when it is unknown whether it arrived, and it cannot be sent again', async () => {
    const { execute } = entity({ isBusy: true });
    await expect(execute(deposit('a'), WAIT)).rejects.toThrow(OutcomeUnknownError);
  });

  it('has an unknown outcome when Temporal took it and then refuses to be polled', async () => {
    const one = entity({ isBusy: true });
    const executed = one.execute(deposit('a'), PATIENT);
    (await one.sent(1)).answer(ADMITTED);
    (await one.sent(2)).refuse();
    await expect(executed).rejects.toThrow(OutcomeUnknownError);
  });

  it('was not taken when Temporal refuses it at once', async () => {
    const one = entity({ isBusy: true });
    const executed = one.execute(deposit('a'), PATIENT);
    (await one.sent(1)).refuse();
    await expect(executed).rejects.toThrow(EntityBusyError);
  });

  it('is pending once its entity has accepted it, whatever Temporal answers after that', async () => {
    const one = entity({ isBusy: true });
    const executed = one.execute(deposit('a'), WAIT);
    (await one.sent(1)).answer(ACCEPTED);
    expect(await executed).toMatchObject({ status: 'pending' });
    expect(one.signals()).toBe(0);
  });
});

/** A gateway whose Temporal answers updates and signals as the test specifies. */
function failing(update: GrpcError, signal?: GrpcError) {
  let signals = 0;
  const client = scriptedTemporal({
    executeMultiOperation: () => Promise.reject(update),
    signalWithStartWorkflowExecution: () => {
      if (signal) return Promise.reject(signal);
      signals += 1;
      return Promise.resolve({ runId: 'run' });
    },
    queryWorkflow: busy,
  });
  const store = { async *read() {} } as unknown as EventStore;
  const gateway = createEntityGateway({ client, store, deciders: {} });
  return { execute: () => gateway.execute(stream, [deposit('a')], 100), signals: () => signals };
}

describe('a command whose update fails', () => {
  const late = new GrpcError(DEADLINE_EXCEEDED, 'Deadline exceeded');
  const away = new GrpcError(UNAVAILABLE, 'No connection established');

  it('is made durable and pending when the update ends before the wait', async () => {
    const { execute, signals } = failing(late);
    expect(await execute()).toEqual([{ status: 'pending', commandId: deposit('a').commandId }]);
    expect(signals()).toBe(1);
  });

  it('is not known to be durable while Temporal is unavailable', async () => {
    await expect(failing(away).execute()).rejects.toMatchObject({ engine: 'temporal' });
    await expect(failing(late, late).execute()).rejects.toThrow(EngineUnavailableError);
  });
});

describe('receipts while no worker answers', () => {
  it('are found in one read of what the entity has, shared by all who wait for it', async () => {
    let reads = 0;
    const client = scriptedTemporal({
      queryWorkflow: busy,
      getWorkflowExecutionHistory: async () => {
        reads += 1;
        await pause(50);
        const payloads = [defaultPayloadConverter.toPayload([deposit('0'), deposit('19')])];
        const workflowExecutionSignaledEventAttributes = { signalName: 'commands', input: { payloads } };
        return { history: { events: [{ workflowExecutionSignaledEventAttributes }] } };
      },
    });
    const store = { async *read() {} } as unknown as EventStore;
    const gateway = createEntityGateway({ client, store, deciders: {} });
    const names = Array.from({ length: 20 }, (_, index) => String(index));
    const receipts = await Promise.allSettled(
      names.map((name) => gateway.receipt(stream, deposit(name).commandId)),
    );
    expect(receipts[0]).toMatchObject({ value: { status: 'pending' } });
    expect(receipts[1]).toMatchObject({ reason: { engine: 'worker' } });
    expect(receipts[19]).toMatchObject({ value: { status: 'pending' } });
    expect(reads).toBeLessThanOrEqual(2);
  });
});
