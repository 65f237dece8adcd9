import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { validateBody } from '#libs/api/http/validate.js';

/** Where input from outside is parsed. */
const DECLARING =
  /^(libs\/contracts\/.*|libs\/.*\.schemas|libs\/http\/page-query|apps\/.*\.reads)(?<!\.spec)\.ts$/;
const files = ['libs', 'apps'].flatMap((root) =>
  readdirSync(join(process.cwd(), root), { recursive: true, encoding: 'utf8' })
    .map((file) => join(root, file))
    .filter((file) => DECLARING.test(file)),
);

/** Every schema that a module exports, alone or as a part of a contract or a route, by its path. */
function schemasIn(value: unknown, path: string, seen: Set<unknown>): [string, z.ZodType][] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  if (value instanceof z.ZodType) return [[path, value]];
  return Object.entries(value).flatMap(([key, part]) => schemasIn(part, `${path} ${key}`, seen));
}

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const ODD = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 1,
  '',
  ' ',
  '0',
  '2026-13-01T00:00:00Z',
  '2026-02-30T00:00:00.000Z',
  '0000-01-01T00:00:00Z',
  '2026-13-01',
  '..',
  '\0',
  '\ud800',
  'x'.repeat(3_000),
  [],
  {},
];

/** Values that nearly match a schema: each part is either valid, or anything else. */
function near(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { properties, items, examples = [], enum: values = [], anyOf = [], oneOf = [] } = schema;
  const odd = fc.oneof(fc.constantFrom(...ODD), fc.jsonValue({ maxDepth: 2 }));
  const right = [
    ...[...anyOf, ...oneOf].map(near),
    ...(properties ? [fc.record(entriesNear(properties), { requiredKeys: [] })] : []),
    ...(items ? [fc.array(near(items), { maxLength: 3 })] : []),
    ...[...examples, ...values].map(fc.constant),
  ];
  return right.length === 0 ? odd : fc.oneof(odd, ...right, ...right, ...right);
}

function entriesNear(properties: Readonly<Record<string, JsonSchema>>) {
  return Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, near(part)]));
}

describe('every schema that requests, commands and events are checked by', () => {
  it('accepts or refuses what it is given, and never fails on it', async () => {
    const seen = new Set<unknown>();
    const schemas: [string, z.ZodType][] = [];
    for (const file of files) schemas.push(...schemasIn(await import(join(process.cwd(), file)), file, seen));
    expect(schemas.length).toBeGreaterThan(100);
    const failures = schemas.flatMap(([path, schema]) => {
      const parse = (value: unknown): boolean => (schema.safeParse(value), true);
      const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
      const run = fc.check(fc.property(near(described), parse), { numRuns: 200 });
      return run.failed ? [`${path}: ${JSON.stringify(run.counterexample)} (seed ${run.seed})`] : [];
    });
    expect(failures).toEqual([]);
  });

  it.each(['', '2026-13-01T00:00:00Z', 'tomorrow'])('points at the invalid time %j', async (time) => {
    const { accountCommands } = await import('./account/account.commands.js');
    const body = { holdId: 'h', amount: 1, expiresAt: time };
    expect(() => validateBody(accountCommands.PlaceHold.schema, body)).toThrow(
      expect.objectContaining({ extras: { errors: [expect.objectContaining({ pointer: '/expiresAt' })] } }),
    );
  });

  it.each([
    ['2026-12-31T23:59:59.9876Z', '2026-12-31T23:59:59.987Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0000-02-29T01:32:27Z', '0001-01-01T00:00:00.000Z'],
  ])('reads the time %s as %s, which PostgreSQL can store', async (given, read) => {
    const { timestamp } = await import('./fields.js');
    expect(timestamp.parse(given)).toBe(read);
  });
});
