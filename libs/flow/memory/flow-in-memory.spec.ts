import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { flowContract } from '#contracts/flow/flow.contract.js';
import type { JsonObject } from '#libs/core/json.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { probe, Probe, probeCalls } from '../../../test/workflow/flows/probe.js';
import { flowInMemory, type OutsideOfMemory } from './flow-in-memory.js';

const contract = flowContract({
  name: 'probe',
  path: 'flows/probe',
  summary: 'A probe',
  access: { start: ['anyone'], cancel: ['anyone'], read: ['anyone'], feed: ['anyone'] },
  input: z.strictObject({ script: z.string(), with: z.record(z.string(), z.unknown()).default({}) }),
  messages: {
    Note: { schema: z.strictObject({ text: z.string() }), summary: 'A note', allow: ['anyone'] },
    Go: { schema: z.strictObject({}), summary: 'Continue', allow: ['anyone'] },
  },
  result: z.looseObject({}),
});

let asked: { readonly data: JsonObject; readonly key: string }[] = [];
let answer: (data: JsonObject, times: number) => JsonObject = () => ({});
const call = async (data: JsonObject, key: string) => {
  asked.push({ data, key });
  return answer(data, asked.length);
};
const steps = () => asked.map(({ data }) => data['step']);
const failing = (message: string, code?: string) => () => {
  throw Object.assign(new Error(message), code === undefined ? {} : { code });
};

beforeEach(() => {
  asked = [];
  answer = () => ({});
  jest.useFakeTimers();
});
afterEach(() => void jest.useRealTimers());

function probes(outside: OutsideOfMemory = {}) {
  const calls = { act: call, thrice: call, picky: call, undo: call };
  const flow = flowInMemory([{ contract, main: probe, calls: probeCalls }], { calls, ...outside });
  return (id: string) => flow(Probe, id);
}

type Input = Readonly<Record<string, string | number | boolean>>;
let count = 0;
const started = (script: string, input: Input = {}) =>
  probes()(`p-${(count += 1)}`).start({ script, with: input });

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

async function resultOf(script: string, input: Input = {}, milliseconds = 60_000): Promise<unknown> {
  const flow = await started(script, input);
  const result = flow.result();
  result.catch(() => undefined);
  await pass(milliseconds);
  return result;
}

describe('a flow in memory calls', () => {
  it('once, and is completed', async () => {
    answer = () => ({ id: 'c-1' });
    const flow = await started('call');
    await pass(10);
    expect(await flow.result()).toEqual({ answer: { id: 'c-1' } });
    expect(await flow.state()).toMatchObject({ status: 'completed', waits: [] });
  });

  it('again under the same key until it succeeds', async () => {
    answer = (_, times) => (times < 3 ? failing('away')() : { times });
    expect(await resultOf('call')).toEqual({ answer: { times: 3 } });
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  });

  it('under the key of its author', async () => {
    await resultOf('ownKey');
    expect(asked.map(({ key }) => key)).toEqual(['my-key']);
  });

  it('until its attempts are exhausted', async () => {
    answer = failing('away');
    expect(await resultOf('thrice')).toEqual({ caught: 'FLOW.CALL_UNRESOLVED' });
    expect(asked).toHaveLength(3);
  });

  it('until a code that its policy names', async () => {
    answer = failing('too old', 'CARD.EXPIRED');
    expect(await resultOf('picky')).toEqual({ refused: 'CARD.EXPIRED' });
  });

  it('and fails with the code of a refusal', async () => {
    answer = () => {
      throw new EffectRefusedError('CARD.DECLINED', 'no funds');
    };
    await expect(resultOf('call')).rejects.toMatchObject({ code: 'CARD.DECLINED', detail: 'no funds' });
  });

  it('no more once it is cancelled, but waits for the attempt under way', async () => {
    let reply: (answer: JsonObject) => void = () => undefined;
    const act = () => new Promise<JsonObject>((resolve) => (reply = resolve));
    const flow = await probes({ calls: { act } })('cancelled').start({ script: 'call' });
    await pass(10);
    await flow.cancel('enough');
    await pass(10);
    expect(await flow.state()).toMatchObject({ status: 'cancelling' });
    reply({ id: 'c-1' });
    await pass(10);
    expect(await flow.result()).toEqual({ answer: { id: 'c-1' } });

    answer = failing('away');
    const retried = await started('call');
    await pass(100);
    await retried.cancel('enough');
    await pass(60_000);
    expect(await retried.state()).toMatchObject({ status: 'cancelled' });
    expect(asked).toHaveLength(1);
  });

  it('again after an attempt that takes too long', async () => {
    let attempts = 0;
    const act = () => ((attempts += 1) === 1 ? new Promise<never>(() => undefined) : Promise.resolve({}));
    const flow = await probes({ calls: { act } })('late').start({ script: 'call' });
    await pass(15_000);
    expect(attempts).toBe(1);
    await pass(500);
    expect(await flow.state()).toMatchObject({ status: 'completed' });
  });

  it('nothing that was not given: that is a defect', async () => {
    const flow = await probes({ calls: {} })('missing').start({ script: 'call' });
    await pass(10);
    await expect(flow.result()).rejects.toThrow('no call named act was given');
    expect(await flow.state()).toMatchObject({ status: 'failed', failure: { code: 'FLOW.DEFECT' } });
  });
});

describe('a flow in memory waits', () => {
  it('for 30 days, and shows it', async () => {
    const flow = await started('sleep', { time: '30d' });
    await pass(10);
    expect((await flow.state()).waits).toMatchObject([{ kind: 'sleep', name: 'sleep' }]);
    await pass(30 * 86_400_000);
    expect(await flow.state()).toMatchObject({ status: 'completed' });
  });

  it('for messages, in order and each once', async () => {
    const flow = await started('two');
    for (const text of ['a', 'b', 'c']) await flow.send('Note', { text });
    await pass(1_100);
    expect(await flow.result()).toEqual({ texts: ['a', 'b'] });
    expect(await flow.send('Note', { text: 'd' })).toMatchObject({ code: 'FLOW.ENDED' });
  });

  it('until a timeout, or the message that comes before', async () => {
    const late = await started('timeout', { time: '1h' });
    const inTime = await started('timeout', { time: '1h' });
    await inTime.send('Note', { text: 'here' });
    await pass(3_600_100);
    expect(await inTime.result()).toEqual({ text: 'here' });
    expect(await late.result()).toEqual({ text: null });
  });
});

describe('a command to a flow in memory', () => {
  it('is answered as by the durable host', async () => {
    const flow = probes()('once');
    expect(await flow.send('Note', { text: 'x' })).toMatchObject({ code: 'FLOW.NOT_STARTED' });
    await flow.start({ script: 'two' });
    await expect(flow.start({ script: 'two' })).rejects.toMatchObject({ code: 'FLOW.ALREADY_STARTED' });
    expect(await flow.send('Note', {} as never)).toMatchObject({ code: 'COMMAND.MALFORMED' });
    expect(await flow.send('Shout' as never, {} as never)).toMatchObject({ code: 'FLOW.UNKNOWN_MESSAGE' });
    expect(await flow.send('Note', { text: 'x' })).toEqual({ status: 'accepted', revision: 1 });
  });
});

describe('a process', () => {
  it('runs so many flows in memory at a time', async () => {
    const flow = probes({ mostOpen: 2 });
    const start = (id: string) => flow(id).start({ script: 'sleep', with: { time: '1h' } });
    await start('a');
    await start('b');
    await expect(start('c')).rejects.toMatchObject({ code: 'FLOW.TOO_MANY' });
    await pass(3_700_000);
    await expect(start('c')).resolves.toMatchObject({ id: 'c' });
  });

  it('remembers the last 1,000 that have ended', async () => {
    const flow = probes();
    for (let id = 0; id < 1_001; id += 1) await flow(String(id)).start({ script: 'call' });
    await pass(10);
    expect(await flow('0').cancel('late')).toMatchObject({ code: 'FLOW.NOT_STARTED' });
    expect(await flow('1').cancel('late')).toMatchObject({ code: 'FLOW.ENDED' });
  });
});

describe('a flow in memory', () => {
  it('undoes in reverse order when it is cancelled', async () => {
    const flow = await started('undo', { cancel: true });
    await pass(10);
    await flow.cancel('enough');
    await pass(10);
    await expect(flow.result()).rejects.toMatchObject({ name: 'Cancelled', detail: 'enough' });
    expect(steps()).toEqual(['first', 'second', 'second', 'first']);
  });

  it('cancels branches that have lost, and loses no message', async () => {
    const flow = await started('race');
    await pass(10_010);
    await flow.send('Note', { text: 'late' });
    await pass(10);
    expect(await flow.result()).toEqual({ winner: 'time', left: 'late' });
  });

  it('keeps messages and state from round to round', async () => {
    const flow = await started('endless');
    for (const text of ['1', '2', '3', 'stop']) await flow.send('Note', { text });
    await pass(10);
    expect(await flow.result()).toEqual({ sum: 6 });
  });

  it.each([
    ['call', { child: { answer: { done: true } } }],
    ['fail', { failed: 'PROBE.GAVE_UP' }],
  ])('starts children and hears how they end: %s', async (script, expected) => {
    answer = () => ({ done: true });
    expect(await resultOf('parent', { script, id: 'child' })).toEqual(expected);
  });

  it.each([
    ['cancel', 'cancelled'],
    ['leave', 'running'],
  ])('with onEnd %s, leaves its child %s', async (onEnd, status) => {
    const flow = probes();
    const parent = await flow('parent').start({ script: 'leaver', with: { id: 'child', onEnd } });
    await pass(10);
    await parent.result();
    await pass(10);
    const child = flow('child');
    const sent = await child.send('Note', { text: 'x' });
    expect(sent.status).toBe(status === 'running' ? 'accepted' : 'rejected');
  });

  it('sends commands to entities and asks them through a gateway, under one key', async () => {
    const keys: (string | undefined)[] = [];
    const gateway = {
      execute: async (_: string, [envelope]: readonly { keyId?: string }[]) => {
        keys.push(envelope?.keyId);
        if (keys.length < 3) throw new Error('away');
        return [{ status: 'accepted' as const, revision: 7 }];
      },
      ask: async (stream: string) => ({ stream }),
    };
    const flow = await probes({ gateway })('sender').start({ script: 'send', with: { id: 'o-1' } });
    await pass(1_000);
    const state = { stream: 'other-default.o-1' };
    expect(await flow.result()).toEqual({ sent: { status: 'accepted', revision: 7 }, state });
    expect(new Set(keys).size).toBe(1);
  });

  it('fails with a result that is too large', async () => {
    await expect(resultOf('large')).rejects.toMatchObject({ code: 'FLOW.TOO_LARGE' });
  });

  it('fails with a defect in its code', async () => {
    await expect(resultOf('defect')).rejects.toThrow(TypeError);
  });
});
