import { randomBytes } from 'node:crypto';
import { type z, toJSONSchema } from 'zod';
import { type FieldSchema, PERSONAL_DATA } from './marked-fields.js';

const run = randomBytes(5).toString('hex');

/** Texts that occur nowhere else, by the place where a spec has put each. */
export class Canaries {
  private readonly planted = new Map<string, string>();

  /** A new one, short enough for any field, with the characters of an id. */
  plant(where: string): string {
    const canary = `canary-${run}-${this.planted.size}-${randomBytes(4).toString('hex')}`;
    return this.watch(where, canary);
  }

  /** Looks for a text that something else has made. */
  watch(where: string, text: string): string {
    this.planted.set(text, where);
    return text;
  }

  get places(): readonly string[] {
    return [...this.planted.values()];
  }

  /** The places of those that a text contains. */
  in(text: string): readonly string[] {
    return [...this.planted].flatMap(([canary, where]) => (text.includes(canary) ? [where] : []));
  }
}

/** A body for a command with a canary in each of its personal fields, and nothing optional else. */
export function bodyWith(canaries: Canaries, schema: z.ZodType, where: string): object {
  const json = toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as FieldSchema;
  return valueFor(canaries, json, where) as object;
}

function valueFor(canaries: Canaries, schema: FieldSchema, where: string): unknown {
  const { type, properties = {}, items, examples, enum: values } = schema;
  if (schema[PERSONAL_DATA] === true && type === 'string') return textFor(canaries, schema, where);
  if (type === 'object') {
    const required = (schema['required'] ?? []) as readonly string[];
    const wanted = Object.entries(properties).filter(
      ([name, part]) => required.includes(name) || part[PERSONAL_DATA] === true,
    );
    return Object.fromEntries(
      wanted.map(([name, part]) => [name, valueFor(canaries, part, `${where}/${name}`)]),
    );
  }
  const [value] = [...((examples ?? []) as unknown[]), ...((values ?? []) as unknown[])];
  if (value !== undefined) return value;
  if (type === 'array') return items ? [valueFor(canaries, items, `${where}[]`)] : [];
  return schema['minimum'] ?? 1;
}

function textFor(canaries: Canaries, { pattern }: FieldSchema, where: string): string {
  const canary = canaries.plant(where);
  if (typeof pattern !== 'string' || new RegExp(pattern, 'u').test(canary)) return canary;
  return `${canary}@example.com`;
}
