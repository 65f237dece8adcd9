import { z } from 'zod';
import { timestamp } from '#contracts/fields.js';
import { limitParameter } from '../entities/page-query.js';

/** The query of a timeline. */
export const timelineQuery = z.strictObject({
  after: z
    .string()
    .regex(/^(?:-1|0|[1-9]\d{0,14})$/, 'must be a revision, or -1 for the start')
    .transform(Number)
    .optional()
    .meta({ description: 'Starts after this revision; -1: at the first event. Default: the latest events' }),
  limit: limitParameter,
  from: timestamp.optional().meta({ description: 'Leaves out what ended before this time' }),
  to: timestamp.optional().meta({ description: 'Leaves out what began after this time' }),
});

export type TimelineQuery = z.output<typeof timelineQuery>;
