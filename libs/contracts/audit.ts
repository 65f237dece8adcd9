import { z } from 'zod';
import type { Policy } from './access.js';
import { atMost, code, label, recordedAt, tenant, text, timestamp } from './fields.js';
import { personal } from './personal-data.js';

/** Who may read the audit. Operators see all tenants, others only what was done in theirs. */
export const AUDIT_READERS: Policy = ['role:operator', 'role:security'];

/** What came of an act. */
const actOutcome = z.enum(['begun', 'accepted', 'done', 'refused', 'failed']).meta({
  description:
    '`begun`: it was not recorded how it ended, as after a kill; `accepted`: it was taken, and is carried out later; `refused`: by a rule or a check; `failed`: by an error, or interrupted',
});

/** Which acts to list. */
export const auditFilters = z.strictObject({
  operator: text(300).optional(),
  area: label(100).optional(),
  verb: label(100).optional(),
  subject: text(1_000).optional(),
  service: label(100).optional(),
  outcome: actOutcome.optional(),
  tenant: tenant.optional(),
  since: timestamp.optional(),
  until: timestamp.optional(),
});

/** Something that an operator did, or tried to do. */
export const auditedAct = z.strictObject({
  id: z.int().min(1),
  at: recordedAt,
  tenant: tenant.meta({ description: 'That of the operator' }),
  operator: personal(z.string()).meta({ description: 'The caller, as its credential proves it' }),
  service: label(100).optional(),
  area: label(100).meta({ description: 'As in the address', examples: ['views', 'flows/card-payment'] }),
  verb: label(100).meta({ examples: ['skip', 'retry-step'] }),
  subject: personal(z.string())
    .optional()
    .meta({ description: 'What it was done to', examples: ['account.accounts.v1/account-default.alice'] }),
  reason: personal(atMost(2_000, z.string())).optional(),
  detail: personal(z.record(z.string(), z.unknown())).optional().meta({
    description: 'What else was asked for; longer parts are left out',
  }),
  traceId: label(100).optional(),
  outcome: actOutcome,
  code: code.optional().meta({ description: 'That of the problem' }),
  endedAt: recordedAt.optional(),
});

export type AuditedAct = z.output<typeof auditedAct>;
export type ActOutcome = AuditedAct['outcome'];
export type AuditFilters = z.output<typeof auditFilters>;
