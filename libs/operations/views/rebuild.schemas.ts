import { z } from 'zod';
import { operatorReason } from './view-operations.schemas.js';

const count = z.int().min(0);
const reason = operatorReason.optional();
const row = z.record(z.string(), z.unknown());

/** `throttle` of a rebuild. */
const throttle = z.int().min(1).max(1_000_000).meta({
  description: 'Events per second and projector process; unlimited if absent',
});

/** `POST …/rebuild` */
export const rebuildBody = z.strictObject({ throttle: throttle.optional(), reason });

/** `POST …/rebuild/throttle`. `null` removes the limit. */
export const throttleBody = z.strictObject({ throttle: throttle.nullable() });

/** `POST …/rebuild/switch` */
export const switchBody = z.strictObject({
  reason,
  acceptParked: z.boolean().optional().meta({
    description: 'Switch even if the new view has parked entities that the serving view shows',
  }),
});

/** `POST …/rebuild/rollback` and `…/cancel` */
export const endBody = z.strictObject({ reason });

/** `samples` of a diff. */
export const diffQuery = z.strictObject({
  samples: z
    .string()
    .regex(/^(?:0|[1-9]\d{0,2})$/, 'must be a whole number of at most 3 digits')
    .transform(Number)
    .default(5),
});

/** The last rebuild of a view. */
export const rebuildItem = z.strictObject({
  id: count,
  view: z.string(),
  state: z.enum(['filling', 'switched', 'rolled-back', 'cancelled']),
  throttle: throttle.optional(),
  operator: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  records: z.strictObject({ total: count, done: count }).optional(),
  behind: count.optional().meta({ description: 'Entities that lag behind the serving view' }),
  isReady: z.boolean(),
});

/** Differences between the serving view (`live`) and the rebuilt one (`next`). */
export const viewDiff = z.strictObject({
  view: z.string(),
  moving: z.strictObject({ ahead: count, behind: count }).meta({
    description: 'Entities at another revision in the new view: their rows may differ for that reason alone',
  }),
  tables: z.array(
    z.strictObject({
      table: z.string(),
      equal: count,
      changed: count,
      missing: count.meta({ description: 'Rows missing in the serving view' }),
      extra: count.meta({ description: 'Rows that only the serving view has' }),
      samples: z.array(z.strictObject({ live: row.optional(), next: row.optional() })),
    }),
  ),
});
