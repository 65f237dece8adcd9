import fc from 'fast-check';

/** A JSON Schema, as far as the documents use it. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly examples?: readonly unknown[];
}

/** Keys that reach a prototype are refused in any JSON, which no schema says. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** JSON cannot contain it, and no schema need forbid it. */
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Values generated from a schema. Constraints in addition to its type (`oneOf`, `not`,
 * `dependentRequired`) are left to a validator.
 */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const { examples = [] } = schema;
  const made = madeFrom(schema);
  return examples.length === 0 ? made : fc.oneof(fc.constantFrom(...examples), made);
}

function madeFrom(schema: Schema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const variants = schema.anyOf ?? (schema.type === undefined ? schema.oneOf : undefined);
  if (variants) return fc.oneof(...variants.map(valuesOf));
  switch (schema.type) {
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? -1_000, Number.MIN_SAFE_INTEGER),
        max: Math.min(schema.maximum ?? 1_000, Number.MAX_SAFE_INTEGER),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'object':
      return objects(schema);
    default:
      return fc.constantFrom(null, 1, 'text', true);
  }
}

function texts({ pattern, allOf = [], minLength = 0, maxLength = 300 }: Schema): fc.Arbitrary<string> {
  const patterns = [pattern, ...allOf.map((part) => part.pattern)].filter((one) => one !== undefined);
  const [first, ...others] = patterns.map((one) => new RegExp(one, 'u'));
  const any = fc.string({ unit: 'grapheme', minLength, maxLength });
  return (first ? fc.stringMatching(first) : any).filter(
    (text) =>
      !LONE_SURROGATE.test(text) &&
      Array.from(text).length >= minLength &&
      Array.from(text).length <= maxLength &&
      others.every((other) => other.test(text)),
  );
}

function objects({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema)])),
    { requiredKeys: [...required] },
  );
  if (Object.keys(properties).length > 0 || additionalProperties === false) {
    return known.map((value) => ({ ...value }));
  }
  const keys = fc.string({ maxLength: 20 }).filter((key) => !FORBIDDEN.has(key));
  return fc.dictionary(keys, fc.constantFrom(null, 1, 'text', true, [1], { a: 1 }), {
    maxKeys: 4,
    noNullPrototype: true,
  });
}

const junk: readonly unknown[] = [
  ...[null, true, [], {}, [[]], { amount: 1 }, '', ' ', 'x', 'a\u0000b', 'a\u0007b', 'a\nb', 'a b', 'a/b'],
  ...[
    'é'.repeat(201),
    'x'.repeat(2_001),
    '..',
    'EURO',
    'eur',
    '1',
    '2026-13-01T00:00:00Z',
    '2026-02-30',
    '𝒳',
  ],
  ...[-1, 0, 0.5, -0.5, 1e15, 1e17, 1e308, -1e9 - 1, 1e9 + 1],
];

/** Random changes to a value. A validator decides whether the result is invalid. */
export const mutations: fc.Arbitrary<(value: unknown) => unknown> = fc
  .record({
    kind: fc.constantFrom('whole', 'drop', 'add', 'replace', 'replace', 'replace', 'stretch'),
    pick: fc.nat(1_000),
    other: fc.constantFrom(...junk),
  })
  .map(({ kind, pick, other }) => (value) => {
    if (kind === 'whole' || typeof value !== 'object' || value === null) return other;
    const entries = Object.entries(value);
    const [name, old] = entries[pick % Math.max(entries.length, 1)] ?? ['nothing', undefined];
    const { [name]: _, ...rest } = value as Record<string, unknown>;
    if (kind === 'drop') return rest;
    if (kind === 'add') return { ...value, [`unknown${pick}`]: other };
    return { ...value, [name]: kind === 'stretch' ? stretched(old) : other };
  });

function stretched(value: unknown): unknown {
  // Whole copies: a cut may split a character in two.
  if (typeof value === 'string') return (value || 'x').repeat(Math.ceil(2_500 / (value.length || 1)));
  if (typeof value === 'number') return value + 0.5;
  return [value];
}

/** Texts that are seldom valid for a parameter. */
export const oddTexts = fc.constantFrom(
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1.5',
    '201',
    '1e2',
    '007',
    'null',
    'true',
    'x',
    '"',
    '""',
    '"1',
    'W/"1"',
    '*',
    ',',
  ],
  ...['a b', 'a/b', 'a,b', '..', '.', '../..', '%', '%00', '=', '?', '#', '&', 'é', '日本', '\u0001', 'a\nb'],
  ...['x'.repeat(201), 'x'.repeat(1_001), 'start', 'end', 'account-default.a@1', 'account-default.a@', '@1'],
);
