import { z } from 'zod';
import type { EventContract } from '../entity-contract.js';
import { answerTo } from '../answers.js';
import { ownerStream, recordedAt, text } from '../fields.js';
import {
  answers,
  callerId,
  candidates,
  content,
  contentHash,
  explanation,
  person,
  plannedEscalation,
} from './approval.fields.js';

/** What an approval is about, as it is stored and shown. */
export const requested = z.strictObject({
  subject: text(200),
  text: explanation.optional(),
  content,
  contentHash,
  requester: callerId.meta({ description: 'The caller who requested it, or for whom it was requested' }),
  requestedBy: ownerStream
    .optional()
    .meta({ description: 'The entity or flow that requested it, and gets the answer' }),
  candidates,
  needed: z.int().min(1).max(20),
  deadline: recordedAt,
  remindAt: recordedAt.optional(),
  escalation: plannedEscalation.optional(),
});

/** Events of an approval. */
export const approvalEvents = {
  ApprovalRequested: {
    schema: requested.extend({ answers: answers.optional(), answerTo: answerTo.optional() }),
    summary: 'Candidates were asked to approve a content',
    version: 1,
  },
  ApprovalClaimed: {
    schema: z.strictObject({ by: callerId }),
    summary: 'A candidate claimed the decision',
    version: 1,
  },
  ApprovalUnclaimed: {
    schema: z.strictObject({ by: callerId }),
    summary: 'A candidate gave up its claim',
    version: 1,
  },
  ApprovalDelegated: {
    schema: z.strictObject({ by: callerId, to: person, reason: text(500).optional() }),
    summary: 'A candidate lets another person decide instead',
    version: 1,
  },
  ApprovalGiven: {
    schema: z.strictObject({ by: callerId, contentHash, comment: text(500).optional() }),
    summary: 'A candidate approved the content',
    version: 1,
  },
  ApprovalGranted: {
    schema: z.strictObject({ by: z.array(callerId), contentHash }),
    summary: 'As many candidates as needed have approved the content',
    version: 1,
  },
  ApprovalRefused: {
    schema: z.strictObject({
      because: z.enum(['rejected', 'expired']),
      by: callerId.optional().meta({ description: 'Who rejected it' }),
      contentHash,
      reason: text(500),
    }),
    summary: 'A candidate rejected it, or its deadline passed',
    version: 1,
  },
  ApprovalWithdrawn: {
    schema: z.strictObject({ by: callerId, contentHash, reason: text(500).optional() }),
    summary: 'The request was withdrawn',
    version: 1,
  },
  ApprovalReminded: {
    schema: z.strictObject({}),
    summary: 'The candidates are to be reminded',
    version: 1,
  },
  ApprovalEscalated: {
    schema: z.strictObject({ to: candidates }),
    summary: 'Others may decide, too; a claim has ended',
    version: 1,
  },
} as const satisfies Record<string, EventContract>;
