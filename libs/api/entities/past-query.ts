import { z } from 'zod';
import { timestamp } from '#contracts/fields.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import type { PlaceInPast } from '#libs/entity/gateway/retelling.js';
import { wholeNumberParameter } from './page-query.js';

/** No view has a longer path. */
const LONGEST_POINTER = 1_000;

/** `from` of a difference: -1 is the time before the first event. */
const fromParameter = z
  .string()
  .regex(/^(?:-1|0|[1-9]\d{0,14})$/, 'must be a revision, or -1 for the time before the first event')
  .transform(Number);

/** A state of an entity: the live one, at a revision, or at a time. */
export const stateQuery = z.strictObject({
  revision: wholeNumberParameter.optional().meta({ description: 'The state after this event' }),
  at: timestamp.optional().meta({ description: 'The state at this time; `revision` takes precedence' }),
});

/** Two revisions to compare. */
export const diffQuery = z.strictObject({
  from: fromParameter.meta({ description: '-1: before the first event' }),
  to: wholeNumberParameter,
});

/** A revision to explain. */
export const whyQuery = z.strictObject({
  revision: wholeNumberParameter.optional().meta({ description: 'Default: the last one' }),
  path: z
    .string()
    .max(LONGEST_POINTER)
    .regex(/^(?:\/[^~]*(?:~[01][^~]*)*)?$/, 'must be a JSON pointer such as /holds')
    .optional()
    .meta({ description: 'Explains only the values below this JSON pointer', examples: ['/holds'] }),
});

/** The place in the past that a request names; the latest, if it names none. */
export function placeIn({ revision, at = toTimestamp(Infinity) }: z.output<typeof stateQuery>): PlaceInPast {
  return revision === undefined ? { at } : { revision };
}
