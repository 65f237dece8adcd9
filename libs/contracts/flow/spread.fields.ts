import { z } from 'zod';
import type { Policy } from '../access.js';
import { count, recordedAt } from '../fields.js';
import { notPersonal } from '../personal-data.js';

const blobRef = z
  .strictObject({ owner: notPersonal(z.string()), hash: notPersonal(z.string()), bytes: count })
  .meta({ description: 'Where the outcomes are listed' });

const counts = {
  planned: count.meta({ description: 'The number of items' }),
  done: count,
  rejected: count.meta({ description: 'Refused for good, with a reason' }),
  failed: count.meta({ description: 'May succeed when they are retried' }),
  left: count.meta({ description: 'Not handled yet' }),
};

/** How far a spread is: the `progress` of a flow that spreads its work. */
export const spreadProgress = z.strictObject({
  ...counts,
  phase: z.enum(['running', 'paused', 'stopped', 'waiting', 'ended']).meta({
    description:
      '`stopped`: more items have failed than is tolerated; `waiting`: items have failed. Both may be retried',
  }),
  startedAt: recordedAt,
  manifest: blobRef.optional(),
});

/** What a spread returns, with the merged value of its items. */
export function spreadResult<Value extends z.ZodType>(value: Value) {
  return z.strictObject({ ...counts, value: value.optional(), manifest: blobRef.optional() });
}

/** The messages that steer the spread of a flow, for those whom the policy allows it. */
export function spreadMessages(allow: Policy) {
  const schema = z.strictObject({});
  const steers = true as const;
  return {
    Pause: { schema, allow, steers, summary: 'Hand out no more items, and let those under way end' },
    Resume: { schema, allow, steers, summary: 'Continue with what is left' },
    RetryFailed: {
      schema,
      allow,
      steers,
      summary: 'Handle again what has failed or is left, once the rest has ended',
    },
    Finish: { schema, allow, steers, summary: 'Do not wait for failed items to be retried' },
  };
}
