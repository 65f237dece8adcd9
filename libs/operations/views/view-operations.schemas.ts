import { z } from 'zod';
import { atMost, text } from '#contracts/fields.js';

const count = z.int().min(0);
const revision = count.meta({ description: 'Of the event that failed' });
const time = z.iso.datetime();
const json = z.record(z.string(), z.unknown());
/**
 * An operator's reason for an action, for the audit, on one or more lines. PostgreSQL cannot store
 * NUL.
 */
export const operatorReason = atMost(
  2_000,
  // eslint-disable-next-line no-control-regex -- it is NUL that is not kept
  z.string().regex(/^\s*[^\s\u0000][^\u0000]*$/, 'must say something, and not contain NUL'),
).overwrite((reason) => reason.trim());

/** The key of a view: its category, name and version. */
export const keyOfView = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.v\d+$/, 'must be the key of a view')
  .meta({ examples: ['account.accounts.v1'] });

/** A view in the list of operators. */
export const viewItem = z.strictObject({
  view: z.string().meta({ example: 'account.accounts.v1' }),
  category: z.string(),
  version: count,
  state: z.enum(['current', 'behind', 'stalled']),
  lag: count.meta({ description: 'Records of the topic that are not applied yet' }),
  parkedEntities: count,
});

/** An entity that a view could not fold further. */
export const parkedItem = z.strictObject({
  stream: z.string(),
  revision,
  reason: z.string(),
  attempts: count,
  catchingUp: z.boolean().meta({
    description: 'The event itself is fine: pending events are being folded, and no operator is needed',
  }),
  parkedAt: time,
  triedAt: time,
  waiting: count.meta({ description: 'Pending events, including the one that failed' }),
});

/** The same with a page of pending events, as received from the topic. */
export const parkedEntity = z.strictObject({
  ...parkedItem.shape,
  events: z.array(json),
  nextCursor: z.string().optional(),
});

const guard = z.int().min(0).optional().meta({
  description:
    'The revision that the operator has seen: if the entity is parked at another one, nothing is done',
});

/** `…/retry` */
export const retryBody = z.strictObject({ revision: guard, reason: operatorReason.optional() });

/** `…/skip` */
export const skipBody = z.strictObject({ revision: guard, reason: operatorReason });

/** `…/patch` */
export const patchBody = z.strictObject({
  revision: guard,
  reason: operatorReason,
  data: json.meta({ description: 'Folded instead of the data of the event' }),
  type: text(200)
    .optional()
    .meta({ examples: ['MoneyDeposited'] }),
  schemaVersion: z.int().min(1).optional(),
});

/** The result of an action. */
export const takenUp = z.strictObject({
  result: z.enum(['caught-up', 'parked']),
  revision: count.meta({ description: 'The last one folded, or the one that fails now' }),
  folded: count,
  reason: z.string().optional(),
  attempts: count.optional(),
});

/** An action of an operator. */
export const auditItem = z.strictObject({
  id: count,
  at: time,
  operator: z.string().meta({ description: 'The caller, as its credential proves it' }),
  view: z.string(),
  verb: z.string(),
  stream: z.string().optional(),
  revision: count.optional(),
  reason: z.string().optional(),
  before: json.optional(),
  after: json.optional(),
  result: json,
});
