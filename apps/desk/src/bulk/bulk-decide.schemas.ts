import { z } from 'zod';
import { contentHash } from '#contracts/approval/approval.fields.js';
import { code, commandId, detail, entityId, text } from '#contracts/fields.js';
import { notPersonal } from '#contracts/personal-data.js';

const MOST_ITEMS = 100;

/** `POST /v1/approvals/bulk-decide` */
export const bulkBody = z.strictObject({
  items: z
    .array(
      z.strictObject({
        id: entityId.meta({ description: 'The approval', examples: ['a-1'] }),
        contentHash: contentHash.meta({ description: 'The hash of the content that the caller has seen' }),
        decision: z.enum(['approve', 'reject']),
        reason: text(500).optional().meta({ description: 'Of a refusal, or a comment' }),
      }),
    )
    .min(1)
    .max(MOST_ITEMS),
  dryRun: z
    .boolean()
    .default(false)
    .meta({ description: 'Only tell what each decision would give now', examples: [true] }),
});

/** What became of one item. */
export const bulkOutcome = z.strictObject({
  id: entityId,
  status: z.enum(['accepted', 'rejected', 'pending', 'failed']).meta({
    description:
      '`pending`: it is durable and will be decided; `failed`: it is not known whether it was or will be decided, so repeat it under the same key',
  }),
  code: code.optional(),
  detail: detail.optional(),
  commandId: commandId.optional(),
  revision: z.int().min(0).optional(),
  events: z.array(notPersonal(z.string())).optional(),
});

/** The answer. */
export const bulkReply = z.strictObject({ dryRun: z.boolean(), data: z.array(bulkOutcome) });
