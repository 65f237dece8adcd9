import type { z } from 'zod';

/** Keywords in JSON Schema, and so in the OpenAPI and AsyncAPI documents. */
const PERSONAL_DATA = 'x-personal-data';
const SECRET = 'x-secret';

/**
 * Marks a field that may tell something about a person. Its values may stand in events, states,
 * views, topics and answers, but never in logs, metrics, errors and what Temporal shows of a
 * workflow: see docs/privacy.md.
 */
export function personal<S extends z.ZodType>(schema: S): S {
  return schema.meta({ [PERSONAL_DATA]: true });
}

/**
 * Says that a field is not personal although its name or its type would suggest that: a name of a
 * step, a code.
 */
export function notPersonal<S extends z.ZodType>(schema: S): S {
  return schema.meta({ [PERSONAL_DATA]: false });
}

/**
 * Marks a field whose value admits somebody. It may stand in one answer, and nowhere else.
 * Commands, events and states have none, because they are stored.
 */
export function secret<S extends z.ZodType>(schema: S): S {
  return schema.meta({ [PERSONAL_DATA]: false, [SECRET]: true });
}
