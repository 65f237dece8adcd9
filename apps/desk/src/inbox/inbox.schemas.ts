import { z } from 'zod';
import { contentHash } from '#contracts/approval/approval.fields.js';
import { code, detail, entityId, recordedAt, tenant, text } from '#contracts/fields.js';
import { notPersonal } from '#contracts/personal-data.js';
import { pageQuery } from '#libs/api/entities/page-query.js';

/** What may wait for somebody, in the order of the inbox. */
export const KINDS = ['saga', 'flow', 'approval'] as const;

const kind = z.enum(KINDS).meta({
  description:
    '`saga`: steps of it wait for an operator; `flow`: compensations of it do; `approval`: the caller may decide',
});

/** The query of `GET /v1/inbox`. */
export const inboxQuery = pageQuery.extend({ kind: kind.optional() });

/** A step or a compensation that waits. */
const waiting = z.strictObject({
  name: notPersonal(z.string()),
  status: z.enum(['stuck', 'overdue', 'done-late']).optional().meta({
    description:
      '`overdue`: still being retried; `done-late`: done after it was given up; absent if its service does not answer',
  }),
  since: recordedAt.optional(),
  code: code.optional(),
  detail: detail.optional(),
});

const action = z.strictObject({
  name: z.enum(['retry', 'resolve', 'approve', 'reject']),
  href: notPersonal(z.string()).meta({ description: 'Where to `POST`' }),
  body: z
    .strictObject({
      step: notPersonal(z.string()).optional(),
      name: notPersonal(z.string()).optional(),
      contentHash: contentHash.optional(),
    })
    .meta({
      description: 'The part of the body that is known. To resolve takes a `note`, to reject a `reason`',
    }),
});

/** What waits for the caller. */
export const inboxItem = z.strictObject({
  kind,
  tenant,
  type: notPersonal(z.string()).meta({ examples: ['checkout'] }),
  id: entityId,
  subject: text(200).optional(),
  since: recordedAt.optional().meta({ description: 'Since when it waits' }),
  deadline: recordedAt.optional().meta({ description: 'When an approval is refused unless it is approved' }),
  waiting: z.array(waiting).optional(),
  actions: z.array(action),
});

export type InboxItem = z.output<typeof inboxItem>;
export type Waiting = z.output<typeof waiting>;
