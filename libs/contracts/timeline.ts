import { z } from 'zod';
import { recordedAt } from './fields.js';
import { missing } from './missing.js';
import { notPersonal, personal } from './personal-data.js';

/** What the parts of a timeline are about, from the client to what is still to come. */
export const LANES = [
  'request',
  'receipt',
  'workflow',
  'event',
  'topic',
  'view',
  'timer',
  'saga',
  'hold',
  'approval',
  'callback',
] as const;

const name = notPersonal(z.string());

/** Something that happened to an entity, or is still to come. */
export const timelineItem = z.object({
  id: name,
  lane: z.enum(LANES),
  at: recordedAt,
  until: recordedAt
    .optional()
    .meta({ description: 'When it ended; absent for a moment, and while it lasts' }),
  title: name,
  detail: personal(z.string()).optional(),
  isFuture: z.literal(true).optional().meta({ description: 'It comes unless something else happens before' }),
  commandId: name.optional(),
  revision: z.int().min(0).optional(),
  hash: name.optional(),
  causationId: name.optional(),
  correlationId: name.optional(),
  traceId: name.optional(),
  actor: personal(z.string()).optional(),
  link: name.optional().meta({ description: 'A path below /v1, or of the console' }),
  data: personal(z.record(z.string(), z.unknown())).optional(),
});

/** What is known of an entity, on one axis of time. */
export const timeline = z.object({
  category: name,
  id: name,
  state: name.optional().meta({ description: 'The `status` of the entity' }),
  now: recordedAt,
  items: z.array(timelineItem),
  nextCursor: name.optional().meta({ description: 'The `after` of the next page' }),
  missing,
});

export type TimelineItem = z.output<typeof timelineItem>;
export type Timeline = z.output<typeof timeline>;
