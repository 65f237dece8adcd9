import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { register } from 'prom-client';
import type { SendAction } from '#libs/core/effect.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { outcomeUnknown } from '#libs/core/outcome-unknown.js';
import { EffectNotDoneError, EffectRefusedError } from './entity-activities.errors.js';
import { runEffect } from './run-effect.js';

it('reports a refusal as one line, whatever its text', async () => {
  const call = () => Promise.reject(new EffectRefusedError('THING.NO', `no\0\n${'😀'.repeat(249)}`));
  const outside = { calls: { call }, logger: pino({ level: 'silent' }) };
  const effect = {
    id: 'e-1',
    key: 'step',
    action: { kind: 'call', call: 'call', data: {} },
    reply: 'RecordStep',
    correlationId: 'c-1',
    causationId: 'c-1',
  } as const;
  const { reply } = await runEffect(outside, { stream: 'thing-default.t', effect }, 1);
  const detail = `no ${'😀'.repeat(248)}`;
  expect(reply?.data).toEqual({ key: 'step', status: 'refused', attempts: 1, code: 'THING.NO', detail });
});

describe('a refusal that repeats the callback address', () => {
  const url = `https://perdure.example/v1/callback-addresses?token=${'t0k3n'.repeat(50)}`;

  async function detailOf(message: string): Promise<unknown> {
    const call = () => Promise.reject(new EffectRefusedError('THING.NO', message));
    const outside = { calls: { call }, callbackUrl: () => url, logger: pino({ level: 'silent' }) };
    const effect = {
      ...{ id: 'e-1', key: 'step', correlationId: 'c-1', causationId: 'c-1', reply: 'RecordStep' },
      action: { kind: 'call', call: 'call', data: {}, answer: 'callback' },
      callback: { place: 'step do', until: '2026-01-01T00:00:00.000Z' },
    } as const;
    const { reply } = await runEffect(outside, { stream: 'thing-default.t', effect }, 1);
    return reply?.data['detail'];
  }

  it.each([
    ['whole', `no to ${url}, never`, 'no to callback-address:thing-default.t/step do, never'],
    ['cut off', `no to ${url}`.slice(0, 200), 'no to callback-address:thing-default.t/step do'],
  ])('is told without its token: %s', async (_, message, detail) => {
    expect(await detailOf(message)).toBe(detail);
  });
});

it('acts as the entity that sends, on behalf of the one that caused it', async () => {
  const sent: CommandEnvelope[] = [];
  const execute = async (_: string, envelopes: readonly CommandEnvelope[]) => {
    sent.push(...envelopes);
    return [{ status: 'accepted', revision: 0 }] as const;
  };
  const effect = {
    id: 'thing-default.t@0/step',
    key: 'step',
    action: { kind: 'send', to: { category: 'thing', id: 'u' }, command: { type: 'Do', data: {} } },
    reply: 'RecordStep',
    correlationId: 'c-1',
    causationId: 'c-1',
    onBehalfOf: 'alice',
  } as const;
  const outside = { sender: { execute }, logger: pino({ level: 'silent' }) };
  const { reply } = await runEffect(outside, { stream: 'thing-default.t', effect }, 1);
  const acting = { actor: 'thing-default.t', onBehalfOf: 'alice' };
  expect([...sent, reply]).toMatchObject([{ ...acting, sender: 'thing-default.t' }, acting]);
});

it('sends a command again while its target cannot know whether it carried the command out', async () => {
  const sender = { execute: async () => [outcomeUnknown('e-1', 0, '2026-01-01T00:00:00.000Z')] };
  const effect = {
    id: 'e-1',
    key: 'step',
    action: { kind: 'send', to: { category: 'thing', id: 'u' }, command: { type: 'Do', data: {} } },
    correlationId: 'c-1',
    causationId: 'c-1',
  } as const;
  const outside = { sender, logger: pino({ level: 'silent' }) };
  const tried = runEffect(outside, { stream: 'thing-default.t', effect }, 1);
  await expect(tried).rejects.toThrow(EffectNotDoneError);
});

describe('an effect whose target answers later', () => {
  const sent: CommandEnvelope[] = [];
  const logger = pino({ level: 'silent' });
  const refusal = { status: 'rejected', code: 'THING.NO', detail: 'no' } as const;
  const taken = { status: 'accepted', revision: 0, events: ['Asked'] } as const;

  async function replyTo(receipt: typeof refusal | typeof taken, action: Partial<SendAction>) {
    const execute = async (_: string, envelopes: readonly CommandEnvelope[]) => {
      sent.push(...envelopes);
      return [receipt];
    };
    const send = {
      kind: 'send',
      to: { category: 'thing', id: 'u' },
      command: { type: 'Do', data: {} },
    } as const;
    const effect = {
      ...{ id: 'thing-default.t@0/step', key: 'step', reply: 'RecordStep' },
      ...{ action: { ...send, ...action }, correlationId: 'c-1', causationId: 'c-1' },
    };
    const { reply } = await runEffect(
      { sender: { execute }, logger },
      { stream: 'thing-default.t', effect },
      1,
    );
    return reply?.data['status'];
  }

  it('reports a refusal, but not that the command was accepted', async () => {
    expect(await replyTo(refusal, { answer: 'later' })).toBe('refused');
    expect(await replyTo(taken, { answer: 'later' })).toBeUndefined();
  });

  it('is done if it was accepted without the event after which the target answers', async () => {
    expect(await replyTo(taken, { answer: { laterAfter: 'Asked' } })).toBeUndefined();
    expect(await replyTo(taken, { answer: { laterAfter: 'Refused' } })).toBe('done');
    expect(await replyTo(refusal, { answer: { laterAfter: 'Asked' } })).toBe('refused');
  });

  it('is answered under an id made from its own', async () => {
    await replyTo(taken, { answerTo: 'wish-default.w@3/ask' });
    const id = 'wish-default.w@3/ask/reply';
    expect(sent.at(-1)).toMatchObject({ commandId: id, keyId: id });
  });
});

describe('an effect that replies only to a refusal', () => {
  const effect = {
    id: 'thing-default.t@0/start',
    key: 'start',
    action: { kind: 'call', call: 'call', data: {} },
    reply: 'Refuse',
    replyOn: 'refusal',
    echo: 'the first',
    correlationId: 'c-1',
    causationId: 'c-1',
  } as const;
  const logger = pino({ level: 'silent' });
  const refuse = () => Promise.reject(new EffectRefusedError('THING.NO', 'no'));

  it('sends its reply with its echo, and none to a success', async () => {
    const tried = (call: () => Promise<JsonObject>) =>
      runEffect({ calls: { call }, logger }, { stream: 'thing-default.t', effect }, 1);
    expect((await tried(refuse)).reply?.data).toMatchObject({ status: 'refused', echo: 'the first' });
    expect(await tried(async () => ({}))).toEqual({});
  });

  it('is counted if it has no reply', async () => {
    const { reply: _, ...silent } = effect;
    const outside = { calls: { call: refuse }, logger };
    expect(await runEffect(outside, { stream: 'thing-default.t', effect: silent }, 1)).toEqual({});
    expect(await register.metrics()).toContain('perdure_effects_refused_unheard_total{category="thing"} 1');
  });
});
