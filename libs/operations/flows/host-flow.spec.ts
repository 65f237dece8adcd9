import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { flowContract } from '#contracts/flow/flow.contract.js';
import type { JsonObject } from '#libs/core/json.js';
import { inMemory } from '#libs/testing/memory.stage.js';
import { moment } from '#libs/testing/moments.js';
import { hostFlow } from './host-flow.js';

const contract = flowContract({
  name: 'errand',
  path: 'flows/errand',
  summary: 'An errand',
  access: { start: ['anyone'], cancel: ['anyone'], read: ['anyone'], feed: ['anyone'] },
  input: z.strictObject({ what: z.string(), pause: z.string().default('1h') }),
  messages: {
    Hurry: { schema: z.strictObject({ by: z.string() }), summary: 'Be there earlier', allow: ['anyone'] },
  },
  progress: z.strictObject({ at: z.string() }),
  result: z.strictObject({ paid: z.int() }),
});
const { decider, isFlow } = hostFlow(contract);

const parent = { category: 'household', id: 'h-1', place: 'errand' };
const told = { type: 'Heard', data: {} };
const answers = { completed: told, failed: told, cancelled: told };
const sender = 'household-default.h-1';
const started = {
  type: 'FlowStarted',
  data: { input: { what: 'bread', pause: '1h' }, execution: 'unknown', at: moment() },
};

/** What becomes of a command from another entity: the events, or the code. */
async function perform(type: string, data: JsonObject, ...history: (typeof started)[]) {
  const { outcome, events } = await inMemory(decider).perform(history, { type, data, sender });
  return 'code' in outcome ? outcome.code : events;
}

describe('a hosted flow', () => {
  test('is listed with its own type, and with all types if its service lists them', () => {
    const paths = (listsAll: boolean) => hostFlow(contract, { listsAll }).reads.map(({ path }) => path);
    expect(paths(false)).toEqual(['/v1/flows/errand']);
    expect(paths(true)).toEqual(['/v1/flows/errand', '/v1/flows']);
    expect(isFlow).toBe(true);
  });

  test.each([
    ['Start', { what: 'bread' }],
    ['StartChild', { input: { what: 'bread' }, parent }],
    ['StartFor', { input: { what: 'bread' }, answers }],
  ])('gets the defaults of its input from %s', async (type, data) => {
    expect(await perform(type, data)).toMatchObject([{ data: { input: started.data.input } }]);
  });

  test.each([
    ['Start', { pause: '1h' }],
    ['StartChild', { input: {}, parent }],
    ['StartFor', { input: {}, answers }],
  ])('is not started by a %s that is malformed', async (type, data) => {
    expect(await perform(type, data)).toBe('COMMAND.MALFORMED');
  });

  test.each([
    ['Hurry', { by: 5 }],
    ['Cancel', { reason: '' }],
    ['RecordProgress', { value: { at: 5 } }],
    ['Complete', { result: { paid: 1.5 }, unread: [], seen: 0 }],
  ])('accepts no %s that is malformed', async (type, data) => {
    expect(await perform(type, data, started)).toBe('COMMAND.MALFORMED');
  });

  test.each([
    ['Hurry', { by: 'noon' }],
    ['Cancel', { reason: 'rain' }],
    ['RecordProgress', { value: { at: 'the shop' } }],
    ['Complete', { result: { paid: 3 }, unread: [], seen: 0 }],
    ['Fail', { code: 'SHOP.SHUT', detail: 'no', unread: [], seen: 0 }],
  ])('accepts a %s', async (type, data) => {
    expect(await perform(type, data, started)).toHaveLength(1);
  });
});
