import { z } from 'zod';

export const PERSONAL_DATA = 'x-personal-data';

/** The parts of a JSON Schema that the specs look at. */
export interface FieldSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly additionalProperties?: FieldSchema | boolean;
  readonly anyOf?: readonly FieldSchema[];
  readonly oneOf?: readonly FieldSchema[];
  readonly allOf?: readonly FieldSchema[];
}

/** A field of a schema, or an item of one. */
export interface Field {
  readonly path: string;
  readonly name: string;
  readonly schema: FieldSchema;
  /** Whether it is personal. Undefined if the contract does not say. */
  readonly mark: boolean | undefined;
}

/** All fields of a schema at any depth, as the documents describe them. */
export function fieldsOf(schema: z.ZodType, name: string): readonly Field[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as FieldSchema;
  return within(json, name, '', undefined);
}

/** A mark counts for everything in what is marked. */
function within(schema: FieldSchema, path: string, name: string, outer: boolean | undefined): Field[] {
  const { properties = {}, items, additionalProperties: others, anyOf, oneOf, allOf } = schema;
  const own = (schema[PERSONAL_DATA] as boolean | undefined) ?? outer;
  const add = (part: FieldSchema, at: string, key: string): Field[] => {
    const mark = (part[PERSONAL_DATA] as boolean | undefined) ?? own;
    return [{ path: at, name: key, schema: part, mark }, ...within(part, at, key, mark)];
  };
  return [
    ...Object.entries(properties).flatMap(([key, part]) => add(part, `${path}/${key}`, key)),
    ...(items ? add(items, `${path}[]`, name) : []),
    ...(typeof others === 'object' ? add(others, `${path}/*`, name) : []),
    ...[anyOf, oneOf, allOf].flatMap((parts = []) => parts.flatMap((part) => within(part, path, name, own))),
  ];
}
