import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import type { JsonObject } from '#libs/core/json.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import type { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { ProbeDriver, probeServer } from './probe-server.js';

/** What a provider was asked to do. It does it once for each key. */
const asked: { readonly data: JsonObject; readonly key: string }[] = [];

async function call(data: JsonObject, key: string): Promise<JsonObject> {
  asked.push({ data, key });
  return { id: key };
}

const charges = (id: string) => asked.filter(({ data }) => data['step'] === 'charge' && data['by'] === id);
const chargedOnce = (id: string) => new Set(charges(id).map(({ key }) => key)).size === 1;

const store = new MemoryEventStore();
let server: TimeSkippingServer;

async function openEmptyTemporal(): Promise<void> {
  server = probeServer({ store, calls: { act: call, undo: call } });
  await server.open();
}

/** The server and all it knew are gone. Streams, and what the provider has done, are left. */
async function temporalIsEmptied(): Promise<void> {
  await server.close();
  await openEmptyTemporal();
}

const probeOf = (id: string) => new ProbeDriver(server, id);
const send = (id: string, type: string, data: JsonObject = {}) => probeOf(id).send(type, data, randomUUID());
const isWaiting = ({ status, waits }: FlowState) => status === 'running' && waits.length > 0;
const endOf = ({ waits: [first] }: FlowState) => Date.parse(String(first?.until));

/** Starts a payment that is looked at again after an hour. */
async function payment(id: string): Promise<FlowState> {
  await probeOf(id).start('pay', { time: '1h' });
  return probeOf(id).until(isWaiting);
}

/** Wakes a flow as the sweeper does. */
async function woken(id: string): Promise<FlowState> {
  await server.gateway.wake(probeOf(id).stream);
  return probeOf(id).until(({ status }) => status === 'lost');
}

async function restarted(id: string): Promise<FlowState> {
  expect(await send(id, 'Restart')).toMatchObject({ status: 'accepted' });
  return probeOf(id).until(isWaiting);
}

let end: number;
beforeAll(async () => {
  await openEmptyTemporal();
  for (const id of ['again', 'cancelled', 'overdue']) await payment(id);
  end = endOf(await payment('paid'));
  await probeOf('noted').start('two');
  await send('noted', 'Note', { text: 'a' });
  await probeOf('noted').until(({ received }) => received === 1);
  await probeOf('undone').start('undo', { cancel: true });
  await probeOf('undone').until(isWaiting);
  await temporalIsEmptied();
});
afterAll(() => server.close());

describe('a flow that is lost with Temporal', () => {
  it('is started again by the same start, and by no other', async () => {
    expect(await woken('again')).toMatchObject({ status: 'lost' });
    const other = { script: 'pay', with: { time: '2h' } };
    expect(await send('again', 'Start', other)).toMatchObject({ code: 'FLOW.LOST' });
    const same = { script: 'pay', with: { time: '1h' } };
    expect(await send('again', 'Start', same)).toMatchObject({ events: ['FlowRestarted'] });
    await probeOf('again').until(isWaiting);
    expect(charges('again')).toHaveLength(2);
    expect(chargedOnce('again')).toBe(true);
  });

  it('can be cancelled instead, and does nothing more', async () => {
    expect(await send('cancelled', 'Cancel', { reason: 'enough' })).toMatchObject({ status: 'accepted' });
    expect(await probeOf('cancelled').ended()).toMatchObject({ status: 'cancelled' });
    expect(charges('cancelled')).toHaveLength(1);
  });

  it('refuses messages until it is restarted, and then gets all that it had accepted', async () => {
    expect(await woken('noted')).toMatchObject({ received: 1 });
    expect(await send('noted', 'Note', { text: 'x' })).toMatchObject({ code: 'FLOW.LOST' });
    await send('noted', 'Restart');
    await send('noted', 'Note', { text: 'b' });
    await server.skip(2_000);
    expect((await probeOf('noted').ended()).result).toEqual({ texts: ['a', 'b'] });
  });

  it('compensates under the keys that it would have used', async () => {
    await restarted('undone');
    await send('undone', 'Cancel', { reason: 'enough' });
    expect(await probeOf('undone').ended()).toMatchObject({ status: 'cancelled' });
    const steps = asked.filter(({ data }) => data['by'] === undefined);
    expect(steps.map(({ data }) => data['step'])).toEqual([
      ...['first', 'second', 'first', 'second'],
      ...['second', 'first'],
    ]);
    expect(new Set(steps.map(({ key }) => key)).size).toBe(4);
  });

  it('is charged once however often it is lost, and waits only until the recorded time', async () => {
    expect(endOf(await restarted('paid'))).toBe(end);
    await temporalIsEmptied();
    await woken('paid');
    expect(endOf(await restarted('paid'))).toBe(end);
    const left = end - Date.parse(await server.moment());
    await server.skip(left - 60_000);
    expect(await probeOf('paid').until(isWaiting)).toMatchObject({ status: 'running' });
    await server.skip(60_000);
    expect(await probeOf('paid').ended()).toMatchObject({ status: 'completed' });
    expect(charges('paid')).toHaveLength(3);
    expect(chargedOnce('paid')).toBe(true);
    expect(probeOf('paid').events.filter((type) => type !== 'FlowWaiting')).toEqual([
      ...['FlowStarted', 'FlowLost', 'FlowRestarted', 'FlowLost', 'FlowRestarted'],
      'FlowCompleted',
    ]);
  });

  it('does not wait again if its time has passed', async () => {
    expect(await send('overdue', 'Restart')).toMatchObject({ status: 'accepted' });
    expect(await probeOf('overdue').ended()).toMatchObject({ status: 'completed' });
    expect(chargedOnce('overdue')).toBe(true);
  });
});
