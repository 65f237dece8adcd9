import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import type { JsonObject } from '#libs/core/json.js';
import { eventually } from '../../support/account-rest.js';
import { ProbeDriver, probeServer } from './probe-server.js';

/** What was asked of the outside world, and what it answers. */
let asked: { readonly data: JsonObject; readonly key: string }[] = [];
let answer: (data: JsonObject, times: number) => JsonObject | Promise<JsonObject> = () => ({});

const call = async (data: JsonObject, key: string) => {
  asked.push({ data, key });
  return answer(data, asked.length);
};
const server = probeServer({ calls: { act: call, thrice: call, picky: call, undo: call } });
beforeAll(() => server.open());
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = () => ({});
});

async function started(script: string, input: JsonObject = {}): Promise<ProbeDriver> {
  const probe = new ProbeDriver(server);
  expect(await probe.start(script, input)).toMatchObject({ status: 'accepted', events: ['FlowStarted'] });
  return probe;
}

async function resultOf(script: string, input: JsonObject = {}): Promise<unknown> {
  const probe = await started(script, input);
  return (await probe.ended()).result;
}

const failing = (message: string, code?: string) => () => {
  throw Object.assign(new Error(message), code === undefined ? {} : { code });
};

describe('call', () => {
  it('returns what the call returns, in three events', async () => {
    answer = () => ({ id: 'c-1' });
    const probe = await started('call');
    expect(await probe.ended()).toMatchObject({ status: 'completed', result: { answer: { id: 'c-1' } } });
    expect(probe.events).toEqual(['FlowStarted', 'FlowCompleted']);
  });

  it('is tried again under the same key', async () => {
    answer = (_, times) => (times < 3 ? failing('away')() : { times });
    expect(await resultOf('call')).toEqual({ answer: { times: 3 } });
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  });

  it('carries the key of its author', async () => {
    await resultOf('ownKey');
    expect(asked.map(({ key }) => key)).toEqual(['my-key']);
  });

  it('throws an error that can be caught once its attempts are exhausted', async () => {
    answer = failing('away');
    expect(await resultOf('thrice')).toEqual({ caught: 'FLOW.CALL_UNRESOLVED' });
    expect(asked).toHaveLength(3);
  });

  it('is not tried again after a code that its policy names', async () => {
    answer = failing('too old', 'CARD.EXPIRED');
    expect(await resultOf('picky')).toEqual({ refused: 'CARD.EXPIRED' });
    expect(asked).toHaveLength(1);
  });

  it('ends the flow when it is refused and nobody catches that', async () => {
    answer = () => {
      throw new EffectRefusedError('CARD.DECLINED', 'no funds');
    };
    const probe = await started('call');
    const failure = { code: 'CARD.DECLINED', detail: 'no funds' };
    expect(await probe.ended()).toMatchObject({ status: 'failed', failure });
  });
});

describe('time', () => {
  it('passes in a sleep of 30 days, which is recorded before', async () => {
    const probe = await started('sleep', { time: '30d' });
    const { waits } = await probe.until((state) => state.waits.length > 0);
    expect(waits).toMatchObject([{ kind: 'sleep', name: 'sleep' }]);
    await server.skip(30 * 24 * 3_600_000);
    const { result } = await probe.ended();
    const { before, after } = result as { before: string; after: string };
    expect(Date.parse(after) - Date.parse(before)).toBeGreaterThanOrEqual(30 * 24 * 3_600_000);
  });

  it('is no event when the sleep is short', async () => {
    const probe = await started('sleep', { time: '20ms' });
    await probe.ended();
    expect(probe.events).toEqual(['FlowStarted', 'FlowCompleted']);
  });
});

describe('receive', () => {
  it('takes messages in order, each once, also those that came before', async () => {
    const probe = await started('two');
    await probe.send('Note', { text: 'a' });
    await probe.send('Note', { text: 'b' });
    await probe.send('Note', { text: 'c' });
    await server.skip(2_000);
    const { result } = await probe.ended();
    expect(result).toEqual({ texts: ['a', 'b'] });
    const last = server.store.eventsOf(probe.stream).at(-1);
    expect(last).toMatchObject({ type: 'FlowCompleted', data: { unread: [3] } });
  });

  it('takes a repeat for the same message', async () => {
    const probe = await started('two');
    await probe.send('Note', { text: 'a' }, 'same');
    expect(await probe.send('Note', { text: 'a' }, 'same')).toMatchObject({
      status: 'accepted',
      replayed: true,
    });
    await probe.send('Note', { text: 'b' });
    await server.skip(2_000);
    expect((await probe.ended()).result).toEqual({ texts: ['a', 'b'] });
  });

  it('ends with the timeout, or with the message that comes before', async () => {
    const late = await started('timeout', { time: '1h' });
    const inTime = await started('timeout', { time: '1h' });
    await inTime.send('Note', { text: 'here' });
    expect((await inTime.ended()).result).toEqual({ text: 'here' });
    await server.skip(3_600_000);
    expect((await late.ended()).result).toEqual({ text: null });
  });
});

describe('a message', () => {
  it.each([
    ['Note', { text: 'x' }, 'FLOW.NOT_STARTED'],
    ['Unheard', {}, 'FLOW.UNKNOWN_MESSAGE'],
  ])('%s to a flow that never began is answered', async (type, data, code) => {
    const probe = new ProbeDriver(server);
    expect(await probe.send(type, data)).toMatchObject({ status: 'rejected', code });
  });

  it('to a flow that has ended is answered, and nothing happens', async () => {
    const probe = await started('call');
    await probe.ended();
    expect(await probe.send('Note', { text: 'x' })).toMatchObject({ code: 'FLOW.ENDED' });
    expect(await probe.start('call')).toMatchObject({ code: 'FLOW.ENDED' });
    expect(asked).toHaveLength(1);
  });
});

describe('spawn', () => {
  it('returns the result of the child', async () => {
    answer = () => ({ done: true });
    expect(await resultOf('parent', { script: 'call', id: randomUUID() })).toEqual({
      child: { answer: { done: true } },
    });
  });

  it('acts as the flow, on behalf of the one that started it, and so does the child', async () => {
    const id = randomUUID();
    const parent = await started('parent', { script: 'call', id });
    await parent.ended();
    const child = new ProbeDriver(server, id);
    const acting = ({ stream }: ProbeDriver, type: string) => {
      const { metadata } = server.store.eventsOf(stream).find((event) => event.type === type) ?? {};
      return [metadata?.actor, metadata?.onBehalfOf];
    };
    const starter = 'test:someone';
    expect(acting(parent, 'FlowStarted')).toEqual([starter, undefined]);
    expect(acting(child, 'FlowStarted')).toEqual([parent.stream, starter]);
    expect(acting(child, 'FlowCompleted')).toEqual([child.stream, starter]);
    expect(acting(parent, 'ChildEnded')).toEqual([child.stream, starter]);
    expect(acting(parent, 'FlowCompleted')).toEqual([parent.stream, starter]);
  });

  it('tells how the child failed', async () => {
    expect(await resultOf('parent', { script: 'fail', id: randomUUID() })).toEqual({
      failed: 'PROBE.GAVE_UP',
    });
  });

  it.each([
    ['cancel', 'cancelled'],
    ['leave', 'running'],
  ])('with onEnd %s, the child of a flow that ends is %s', async (onEnd, status) => {
    const id = randomUUID();
    await resultOf('leaver', { id, onEnd });
    const child = new ProbeDriver(server, id);
    expect(await child.until((state) => state.status === status)).toMatchObject({ status });
  });

  it('passes a cancellation on', async () => {
    const id = randomUUID();
    const probe = await started('parent', { script: 'sleep', id, time: '30d' });
    await probe.until((state) => state.waits.length > 0);
    await probe.send('Cancel', { reason: 'enough' });
    expect(await probe.ended()).toMatchObject({ status: 'cancelled' });
    expect(await new ProbeDriver(server, id).ended()).toMatchObject({ status: 'cancelled' });
  });
});

describe('branches', () => {
  it('run together and return by name', async () => {
    answer = ({ n }) => ({ n: n ?? null });
    expect(await resultOf('all')).toEqual({ a: { n: 'a' }, b: { n: 'b' } });
    expect(new Set(asked.map(({ key }) => key)).size).toBe(2);
  });

  it('are cancelled with the one that fails', async () => {
    const probe = await started('allFails');
    await probe.until((state) => state.waits.length > 0);
    await server.skip(2_000);
    expect((await probe.ended()).result).toEqual({ code: 'PROBE.BAD' });
  });

  it('race: the loser is cancelled and takes no message with it', async () => {
    const probe = await started('race');
    await probe.until((state) => state.waits.length > 0);
    await server.skip(10_000);
    await probe.until((state) =>
      state.waits.some(({ name, until }) => name === 'Note' && until !== undefined),
    );
    await probe.send('Note', { text: 'late' });
    expect((await probe.ended()).result).toEqual({ winner: 'time', left: 'late' });
  });

  it('each runs one for every item', async () => {
    const probe = await started('each', { count: 40 });
    expect((await probe.ended()).result).toEqual({ count: 40 });
    expect(new Set(asked.map(({ key }) => key)).size).toBe(40);
  });
});

describe('compensate', () => {
  const steps = () => asked.map(({ data }) => data['step']);

  it('undoes in reverse order when the flow fails', async () => {
    const probe = await started('undo');
    expect(await probe.ended()).toMatchObject({ status: 'failed', failure: { code: 'PROBE.GAVE_UP' } });
    expect(steps()).toEqual(['first', 'second', 'second', 'first']);
  });

  it('undoes when the flow is cancelled, whatever the cancellation reaches', async () => {
    const probe = await started('undo', { cancel: true });
    await probe.until((state) => state.waits.length > 0);
    await probe.send('Cancel', { reason: 'enough' });
    expect(await probe.ended()).toMatchObject({ status: 'cancelled', cancelReason: 'enough' });
    expect(steps()).toEqual(['first', 'second', 'second', 'first']);
    expect(probe.events.slice(-2)).toEqual(['FlowCancelRequested', 'FlowCancelled']);
  });

  it('undoes a step that was under way when the flow was cancelled', async () => {
    let reply = (): void => undefined;
    const replied = new Promise<JsonObject>((resolve) => (reply = () => resolve({})));
    answer = ({ step }) => (step === 'late' ? {} : replied);
    const probe = await started('lateUndo');
    await probe.send('Cancel', { reason: 'enough' });
    reply();
    expect(await probe.ended()).toMatchObject({ status: 'cancelled' });
    expect(steps()).toEqual([undefined, 'late']);
  });

  it('is not begun inside a shield', async () => {
    const probe = await started('undo', { cancel: true, shielded: true });
    await probe.until((state) => state.waits.length > 0);
    await probe.send('Cancel', { reason: 'enough' });
    expect(steps()).toEqual(['first', 'second']);
    await server.skip(10_000);
    await probe.ended();
    expect(steps()).toEqual(['first', 'second', 'second', 'first']);
  });

  it('that is refused waits for a person: a retry has a new key', async () => {
    let refuses = true;
    answer = (data, times) => {
      if (times <= 2 || data['step'] !== 'second' || !refuses) return {};
      throw new EffectRefusedError('REFUND.CLOSED', 'not today');
    };
    const probe = await started('undo');
    const { stuck } = await probe.until((state) => state.stuck.length > 0);
    expect(stuck).toMatchObject([{ name: 'second', code: 'REFUND.CLOSED' }]);
    refuses = false;
    expect(await probe.send('RetryCompensation', { name: 'second' })).toMatchObject({ status: 'accepted' });
    expect(await probe.ended()).toMatchObject({ status: 'failed', stuck: [] });
    expect(steps()).toEqual(['first', 'second', 'second', 'second', 'first']);
    expect(asked[2]?.key).not.toBe(asked[3]?.key);
  });

  it('that is resolved by a person is not tried again', async () => {
    answer = (data, times) => {
      if (times <= 2 || data['step'] !== 'second') return {};
      throw new EffectRefusedError('REFUND.CLOSED', 'not today');
    };
    const probe = await started('undo');
    await probe.until((state) => state.stuck.length > 0);
    await probe.send('ResolveCompensation', { name: 'second', note: 'paid back by hand' });
    await probe.ended();
    expect(steps()).toEqual(['first', 'second', 'second', 'first']);
  });
});

describe('progress', () => {
  it('is recorded at most once in five seconds, and at the end', async () => {
    const probe = await started('progress');
    await server.skip(12_000);
    expect(await probe.ended()).toMatchObject({ progress: { done: 20 } });
    const count = probe.events.filter((type) => type === 'FlowProgressed').length;
    expect(count).toBeGreaterThanOrEqual(2);
    expect(count).toBeLessThanOrEqual(5);
  });
});

describe('continueWith', () => {
  it('starts the function again with its state, and keeps what was not taken', async () => {
    const probe = await started('endless');
    for (const text of ['1', '2', '3', 'stop']) await probe.send('Note', { text });
    expect((await probe.ended()).result).toEqual({ sum: 6 });
  });

  it('is a defect while a compensation is registered: the flow is blocked', async () => {
    const probe = await started('endless');
    await probe.send('Note', { text: 'leak' }).catch(() => undefined);
    const handle = server.client.workflow.getHandle(probe.stream);
    await untilBlocked(handle);
    await handle.terminate();
  });
});

describe('ids and numbers of a flow', () => {
  it('differ from one another', async () => {
    const probe = await started('made');
    await server.skip(2_000);
    const { result } = await probe.ended();
    const { uuids, more, random } = result as { uuids: string[]; more: string; random: number };
    expect(new Set([...uuids, more]).size).toBe(3);
    for (const id of uuids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(random).toBeGreaterThanOrEqual(0);
    expect(random).toBeLessThan(1);
  });
});

describe('cancelling', () => {
  it('can be caught: the flow then completes', async () => {
    const probe = await started('cancelled');
    await probe.until((state) => state.waits.length > 0);
    await probe.send('Cancel', { reason: 'enough' });
    expect(await probe.ended()).toMatchObject({ status: 'completed', result: { wasCancelled: true } });
  });

  it('works from Temporal, too', async () => {
    const probe = await started('undo', { cancel: true });
    await probe.until((state) => state.waits.length > 0);
    await server.client.workflow.getHandle(probe.stream).cancel();
    expect(await probe.ended()).toMatchObject({ status: 'cancelled' });
    expect(asked).toHaveLength(4);
  });
});

it('fails with a result that is too large', async () => {
  const probe = await started('large');
  expect(await probe.ended()).toMatchObject({ status: 'failed', failure: { code: 'FLOW.TOO_LARGE' } });
});

it('stays where it is with a defect in its code', async () => {
  const probe = await started('defect');
  const handle = server.client.workflow.getHandle(probe.stream);
  await untilBlocked(handle);
  expect(probe.events).toEqual(['FlowStarted']);
  await handle.terminate();
});

it('is lost when its workflow is gone, and begins again when it is restarted', async () => {
  const probe = await started('two');
  await probe.send('Note', { text: 'a' });
  await probe.until((state) => state.received === 1);
  await server.client.workflow.getHandle(probe.stream).terminate();
  expect(await probe.send('Note', { text: 'b' })).toMatchObject({ status: 'rejected', code: 'FLOW.LOST' });
  expect(await probe.until(({ status }) => status === 'lost')).toMatchObject({ received: 1 });
  expect(await probe.send('Restart')).toMatchObject({ status: 'accepted' });
  await probe.send('Note', { text: 'c' });
  await server.skip(2_000);
  expect((await probe.ended()).result).toEqual({ texts: ['a', 'c'] });
});

type Handle = ReturnType<typeof server.client.workflow.getHandle>;

/** Waits until a workflow task has failed and is tried again. */
async function untilBlocked(handle: Handle): Promise<void> {
  const hasFailed = async () =>
    (await handle.fetchHistory()).events?.some((event) => event.workflowTaskFailedEventAttributes);
  await eventually(hasFailed, (has) => has === true, 10_000, 20);
}
