import { z } from 'zod';
import { localId, stream } from '#contracts/fields.js';

const count = z.int().min(0);

/** The request to the doctor. */
export const doctorBody = z.strictObject({
  category: localId.optional().meta({ description: 'Only entities of this kind', examples: ['account'] }),
  stream: stream.optional().meta({
    description: 'Only this entity, with its views: `account-default.alice`',
    examples: ['account-default.alice'],
  }),
  sample: z.int().min(0).max(1_000_000).optional().meta({
    description: 'Random sample of this many entities of each kind; streams and topics are read completely',
  }),
  heal: z.boolean().optional().meta({ description: 'Rebuild what differs from its stream' }),
});

/** What to examine: all categories, unless a single category or entity is named. */
export type DoctorRequest = z.output<typeof doctorBody>;

const drift = z.strictObject({
  kind: z.enum(['stream', 'topic', 'record', 'view', 'row', 'entity']),
  stream: z.string(),
  where: z.string().optional(),
  detail: z.string(),
  healed: z.boolean(),
});

const report = z.strictObject({
  category: z.string(),
  streams: count,
  events: count,
  records: count,
  states: count,
  entities: count,
  live: count,
  silent: count,
  views: z.record(z.string(), count),
  drift: count,
  healed: count,
});

/** A line of the answer. The last is `done` or `failed`. */
export const doctorLine = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('progress'),
    category: z.string(),
    stage: z.enum(['records', 'events', 'entities']),
    done: count,
    of: count.optional(),
  }),
  z.strictObject({ kind: z.literal('drift'), drift }),
  z.strictObject({ kind: z.literal('report'), report }),
  z.strictObject({ kind: z.literal('done') }),
  z.strictObject({ kind: z.literal('failed'), detail: z.string() }),
]);

export type DoctorLine = z.output<typeof doctorLine>;
/** A difference, and whether it has been healed. */
export type DoctorDrift = z.output<typeof drift>;
/**
 * What was compared in a category. `live` counts the entities with a running workflow that
 * answered; `silent` those that did not answer, whose state was not compared.
 */
export type DoctorReport = z.output<typeof report>;
