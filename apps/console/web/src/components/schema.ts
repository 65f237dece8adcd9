import { createContext } from 'react';
import type { Schema } from '../../../server/catalog.types.js';
import type { PerdureProblem } from '#libs/client/perdure-problem.js';

/** What is known of the whole form. */
export interface FormContext {
  readonly errors: PerdureProblem['errors'];
  /** For amounts: that of the entity, if the form names none. */
  readonly currency: string | undefined;
}

export const Form = createContext<FormContext>({ errors: [], currency: undefined });

/** A field of a form. `pointer` is its place in the body (a JSON pointer). */
export interface FieldProps {
  readonly name: string;
  readonly schema: Schema;
  readonly pointer: string;
  readonly isRequired: boolean;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

/** What every input is given. */
export interface InputProps extends FieldProps {
  readonly id: string;
  readonly describedBy: string;
  readonly isWrong: boolean;
}

/** The parts of a schema that a form can show. Anything else is written as JSON. */
export type FieldKind =
  'object' | 'array' | 'choice' | 'boolean' | 'number' | 'time' | 'text' | 'variants' | 'json';

/** How a form shows a schema. */
export function kindOf(schema: Schema): FieldKind {
  if (choicesOf(schema)) return 'choice';
  if (variantsOf(schema)) return 'variants';
  const { type, format, properties, items } = schema;
  if (type === 'object') return properties ? 'object' : 'json';
  if (type === 'array') return items ? 'array' : 'json';
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'boolean') return 'boolean';
  if (type !== 'string') return 'json';
  return format === 'date-time' ? 'time' : 'text';
}

/** The values among which to choose. */
export function choicesOf(schema: Schema): readonly unknown[] | undefined {
  if ('const' in schema) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

/** The schemas among which to choose. */
export function variantsOf(schema: Schema): readonly Schema[] | undefined {
  const variants = schema['oneOf'] ?? schema['anyOf'];
  return Array.isArray(variants) ? (variants as Schema[]) : undefined;
}

/** The fields of an object, first those that are needed. */
export function fieldsOf(schema: Schema): readonly { name: string; schema: Schema; isRequired: boolean }[] {
  const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : [];
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).map(
    ([name, field]) => ({
      name,
      schema: field,
      isRequired: required.includes(name) && field['default'] === undefined,
    }),
  );
  return fields.sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

/** What distinguishes a variant: its constant fields, or its type. */
export function variantName(schema: Schema): string {
  const constants = fieldsOf(schema).flatMap(({ schema: field }) =>
    'const' in field ? [String(field['const'])] : [],
  );
  if (constants.length > 0) return constants.join(' ');
  const names = fieldsOf(schema).map(({ name }) => name);
  const { type } = schema;
  return names.length > 0 ? names.join(', ') : typeof type === 'string' ? type : 'other';
}

/** What a form starts with: constants and empty objects. Only the rest has to be filled in. */
export function startOf(schema: Schema): unknown {
  if ('const' in schema) return schema['const'];
  const kind = kindOf(schema);
  if (kind === 'variants') return startOf(variantsOf(schema)?.[0] ?? {});
  if (kind === 'array')
    return Number(schema['minItems'] ?? 0) > 0 ? [startOf(schema['items'] as Schema)] : [];
  if (kind !== 'object') return undefined;
  const needed = fieldsOf(schema).filter(({ isRequired }) => isRequired);
  return withoutAbsent(Object.fromEntries(needed.map((field) => [field.name, startOf(field.schema)])));
}

/** An object without the fields that have no value. */
export function withoutAbsent(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
