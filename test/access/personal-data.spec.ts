import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type EntityContract, decidedSchema } from '#contracts/entity-contract.js';
import { label, text } from '#contracts/fields.js';
import { notPersonal, personal, secret } from '#contracts/personal-data.js';
import { openApiDocument } from '#libs/api/documents/openapi.js';
import { asyncApiDocument } from '#libs/api/documents/asyncapi.js';
import { createBody, listedKey, shownKey } from '#libs/operations/api-keys/api-keys.schemas.js';
import { type Field, fieldsOf, PERSONAL_DATA } from '../support/marked-fields.js';
import { allServices } from '../support/all-services.js';

const entities = allServices().flatMap((service) => service.entities);

const SECRET = 'x-secret';

/** Names of fields that are about people, or that admit somebody. */
const TELLING =
  /(mail|phone|mobile|address|street|city|zip|postcode|postal|country|birth|gender|iban|bic|card|passport|salary|religion|health|ssn|tax|ip$|name$|owner$|customer$|guest|password|secret|token|credential|apikey)/i;

/** What a schema leaves open: any text, or any value. */
function isOpen({ schema }: Field): boolean {
  const { type, enum: values, const: value, format, pattern, anyOf, oneOf, allOf } = schema;
  if (anyOf ?? oneOf ?? allOf ?? values) return false;
  if (value !== undefined || format !== undefined) return false;
  if (type === undefined) return true;
  return type === 'string' && (pattern === undefined || pattern === ANY_LINE);
}

const ANY_LINE = (z.toJSONSchema(text(1)) as { pattern?: string }).pattern;

/** The fields whose contract does not say whether they are personal, and should. */
function unmarkedIn(fields: readonly Field[]): string[] {
  return fields
    .filter(({ mark }) => mark === undefined)
    .filter((field) => isOpen(field) || TELLING.test(field.name))
    .map(({ path }) => path);
}

function schemasOf({ commands, events, view }: EntityContract): readonly [string, z.ZodType][] {
  return [
    ...Object.entries(commands).flatMap(([type, command]): [string, z.ZodType][] => [
      [type, command.schema],
      [`${type}, completed`, decidedSchema(command)],
    ]),
    ...Object.entries(events).map(([type, { schema }]): [string, z.ZodType] => [type, schema]),
    ['view', view],
  ];
}

describe.each(entities.map((entity) => [entity.contract.name, entity] as const))('%s', (_, entity) => {
  const { contract, reads } = entity;

  it('says of each field that can hold any text, or has a telling name, whether it is personal', () => {
    const own = schemasOf(contract).flatMap(([name, schema]) => fieldsOf(schema, name));
    const lists = reads.flatMap(({ path, item, query }) => [
      ...fieldsOf(item, `item of ${path}`),
      ...fieldsOf(query, `query of ${path}`),
    ]);
    expect(unmarkedIn([...own, ...lists])).toEqual([]);
  });

  it('holds no secret, because commands, events and states are stored', () => {
    const fields = schemasOf(contract).flatMap(([name, schema]) => fieldsOf(schema, name));
    expect(fields.filter(({ schema }) => schema[SECRET] !== undefined)).toEqual([]);
  });
});

describe('a body that is refused', () => {
  const commands = entities.flatMap(({ contract: { name, commands: all } }) =>
    Object.entries(all).map(([type, { schema }]) => [`${name} ${type}`, schema] as const),
  );

  it.each(commands)('is answered without its values: %s', (_, schema) => {
    const names = fieldsOf(schema, '').map(({ name }) => name);
    const values = ['nightjar', 'nightjar\n', ['nightjar'], { any: 'nightjar' }];
    for (const value of values) {
      const body = Object.fromEntries([...names, 'surplus'].map((name) => [name, value]));
      const { error } = schema.safeParse(body);
      expect(error?.issues.map(({ message }) => message).join()).toMatch(/^(?!.*nightjar)./s);
    }
  });
});

it('marks what is personal in the contracts of accounts and reminders', () => {
  const marked = (name: string) =>
    new Set(
      schemasOf(entities.find(({ contract }) => contract.name === name)!.contract)
        .flatMap(([, schema]) => fieldsOf(schema, ''))
        .filter(({ mark }) => mark === true)
        .map((field) => field.name),
    );
  expect(marked('account')).toEqual(new Set(['owner', 'reference', 'reason', 'detail']));
  expect(marked('cartReminder')).toContain('to');
  expect(marked('cardPayment')).toContain('card');
});

it('marks the key in the answer that shows it, and no other field of keys', () => {
  const secrets = (schema: z.ZodType) =>
    fieldsOf(schema, '').flatMap(({ name, schema: json }) => (json[SECRET] === true ? [name] : []));
  expect(secrets(shownKey)).toEqual(['key']);
  expect([createBody, listedKey].flatMap(secrets)).toEqual([]);
});

describe('a mark', () => {
  const markOf = (schema: z.ZodType) => {
    const [field] = fieldsOf(z.strictObject({ field: schema }), '');
    return field?.mark;
  };

  it.each([
    ['alone', personal(z.string())],
    ['when optional', personal(z.string()).optional()],
    ['when optional and described', personal(z.string()).optional().meta({ description: 'x' })],
    ['when described', personal(z.string()).meta({ description: 'x' })],
    ['with a default', personal(z.string()).default('x')],
    ['when refined', personal(z.string()).refine(() => true)],
    ['of a list', personal(z.array(z.string()))],
    ['of any text', text(10)],
  ])('stays %s', (_, schema) => {
    expect(markOf(schema)).toBe(true);
  });

  it('is taken back by what the field is derived from', () => {
    expect(markOf(notPersonal(text(10)))).toBe(false);
    expect(markOf(label(10).optional())).toBe(false);
    expect(markOf(secret(z.string()))).toBe(false);
    expect(markOf(z.string())).toBeUndefined();
  });

  it('counts for the parts of what is marked', () => {
    const schema = z.strictObject({ data: personal(z.strictObject({ any: z.string() })) });
    expect(fieldsOf(schema, '').map(({ name, mark }) => [name, mark])).toEqual([
      ['data', true],
      ['any', true],
    ]);
  });

  it.each([
    ['a text without bounds', { remark: z.string() }, ['x/remark']],
    ['anything', { remark: z.unknown() }, ['x/remark']],
    ['any text in a list', { remarks: z.array(z.string()) }, ['x/remarks[]']],
    ['a telling name', { phone: z.string().regex(/^\d+$/) }, ['x/phone']],
    ['a telling name of a number', { cardNumber: z.int() }, ['x/cardNumber']],
    ['a telling name, marked', { phone: notPersonal(z.string()) }, []],
    ['an id', { cart: z.string().regex(/^\d+$/) }, []],
  ])('is asked for: %s', (_, shape, expected) => {
    expect(unmarkedIn(fieldsOf(z.strictObject(shape), 'x'))).toEqual(expected);
  });

  it('is in the OpenAPI and the AsyncAPI document', () => {
    const account = entities.find(({ contract }) => contract.name === 'account')!;
    const openApi = JSON.stringify(openApiDocument(account.contract, account.reads, '1'));
    const asyncApi = JSON.stringify(asyncApiDocument([account.contract], '1'));
    for (const document of [openApi, asyncApi]) expect(document).toContain(`"${PERSONAL_DATA}":true`);
  });
});
