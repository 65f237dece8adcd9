import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { notPersonal, personal } from '#contracts/personal-data.js';
import type { Json } from '#libs/core/json.js';
import { maskedBy } from './masked-json.js';

const shown = (schema: z.ZodType, value: Json) =>
  maskedBy(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }), value);
const name = personal(z.string());

describe('what is marked as personal', () => {
  it('is masked, and keeps its type', () => {
    const data = {
      text: name,
      list: personal(z.array(z.string())),
      more: personal(z.object({ a: z.string() })),
    };
    const schema = z.object({
      ...data,
      number: personal(z.number()),
      id: notPersonal(z.string()),
      n: z.int(),
    });
    const value = { text: 'Alice', list: ['a'], more: { a: 'b' }, number: 7, id: 'x', n: 1 };
    expect(shown(schema, value)).toEqual({ text: '•••', list: [], more: {}, number: null, id: 'x', n: 1 });
  });

  it('is masked at any depth, and if it is optional', () => {
    const schema = z.object({ rows: z.array(z.object({ by: name.optional(), n: z.int() })) });
    expect(shown(schema, { rows: [{ by: 'Alice', n: 1 }, { n: 2 }] })).toEqual({
      rows: [{ by: '•••', n: 1 }, { n: 2 }],
    });
  });

  it('is masked if one of several alternatives marks it', () => {
    const schema = z.union([z.object({ to: name }), z.object({ to: z.enum(['a']), n: z.int() })]);
    expect(shown(schema, { to: 'Alice', n: 1 })).toEqual({ to: '•••', n: 1 });
  });
});

describe('what the schema does not say', () => {
  it('is masked: fields that it does not know, and values that it leaves open', () => {
    const schema = z.object({ any: z.unknown() });
    expect(shown(schema, { any: 'Alice', later: 'Bob' })).toEqual({ any: '•••', later: '•••' });
    expect(maskedBy(undefined, { of: 'an unknown event' })).toEqual({});
  });

  it('is shown where nothing is personal', () => {
    const schema = z.object({ any: notPersonal(z.unknown()), by: z.record(z.string(), z.int()) });
    expect(shown(schema, { any: 'text', by: { a: 1 } })).toEqual({ any: 'text', by: { a: 1 } });
  });
});
