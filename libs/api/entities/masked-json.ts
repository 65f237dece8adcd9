import type { Json, JsonObject } from '#libs/core/json.js';

/** Stands in place of a text that a reader may not see. */
const MASKED = '•••';

const PERSONAL_DATA = 'x-personal-data';

/** The parts of a JSON Schema that say what is personal. */
export interface MaskSchema {
  readonly [keyword: string]: unknown;
}

/** A schema, with the mark of what it is in. */
interface Marked {
  readonly schema: MaskSchema;
  readonly mark: boolean | undefined;
}

/**
 * The value without what its schema marks as personal, nor what the schema leaves open or does not
 * know. If a schema has alternatives, each of them can hide a field.
 */
export function maskedBy(schema: MaskSchema | undefined, value: Json): Json {
  return masked(schema ? alternatives({ schema, mark: undefined }) : [], value);
}

function masked(schemas: readonly Marked[], value: Json): Json {
  const isPersonal = schemas.some(({ mark }) => mark === true);
  if (isPersonal || schemas.length === 0 || schemas.some(isOpen)) return blank(value);
  if (Array.isArray(value)) return (value as Json[]).map((item) => masked(parts(schemas, 'items'), item));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value as JsonObject);
  return Object.fromEntries(fields.map(([key, field]) => [key, masked(fieldOf(schemas, key), field)]));
}

/** Keeps the type, so that clients which expect a text or a list find one. */
function blank(value: Json): Json {
  if (typeof value === 'string') return MASKED;
  if (Array.isArray(value)) return [];
  return typeof value === 'object' && value !== null ? {} : null;
}

/** Anything may stand there, and nobody has said that it is not personal. */
function isOpen({ schema, mark }: Marked): boolean {
  return mark !== false && !['type', 'enum', 'const'].some((keyword) => keyword in schema);
}

function fieldOf(schemas: readonly Marked[], key: string): readonly Marked[] {
  return schemas.flatMap(({ schema, mark }) => {
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, MaskSchema>>;
    const own = Object.hasOwn(properties, key) ? properties[key] : schema['additionalProperties'];
    return partOf(own, mark);
  });
}

function parts(schemas: readonly Marked[], keyword: string): readonly Marked[] {
  return schemas.flatMap(({ schema, mark }) => partOf(schema[keyword], mark));
}

function partOf(part: unknown, outer: boolean | undefined): readonly Marked[] {
  return typeof part === 'object' && part !== null
    ? alternatives({ schema: part as MaskSchema, mark: outer })
    : [];
}

/** The schemas of which a value has to match one or all, each with its mark. */
function alternatives({ schema, mark: outer }: Marked): readonly Marked[] {
  const mark = (schema[PERSONAL_DATA] as boolean | undefined) ?? outer;
  const all = ['anyOf', 'oneOf', 'allOf'].flatMap((keyword) => (schema[keyword] ?? []) as MaskSchema[]);
  if (all.length === 0) return [{ schema, mark }];
  return all.flatMap((one) => alternatives({ schema: one, mark }));
}
