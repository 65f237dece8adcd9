import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { EffectRefusedError } from './entity-activities.errors.js';
import { runEffect } from './run-effect.js';

it('tells a refusal as one line, whatever text the one who refuses has', async () => {
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
