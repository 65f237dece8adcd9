import { z } from 'zod';
import { type CommandsOf, defineContract, type EventsOf } from '../entity-contract.js';
import { text } from '../fields.js';
import { collectionOf } from '../services.js';
import { approvalCommands } from './approval.commands.js';
import { approvalEvents, requested } from './approval.events.js';
import { callerId } from './approval.fields.js';
import { approvalRejections } from './approval.rejections.js';

/** The status of an approval. */
export const approvalStatus = z.enum(['open', 'approved', 'refused', 'withdrawn']);

/** The public contract of an approval: a content, and the people who decide on it. */
export const approvalContract = defineContract({
  name: 'approval',
  plural: collectionOf('approval'),
  summary: 'A content that candidates, by name or role, approve or refuse until a deadline',
  access: { read: ['owner', 'role:support'], feed: ['role:support'] },
  commands: approvalCommands,
  events: approvalEvents,
  view: requested.extend({
    status: approvalStatus,
    approvals: z
      .array(z.strictObject({ by: callerId, comment: text(500).optional() }))
      .meta({ description: 'Who has approved so far' }),
    claimedBy: callerId.optional(),
    refusedBy: callerId.optional().meta({ description: 'Who rejected it; nobody if its deadline passed' }),
    reason: text(500).optional().meta({ description: 'Why it was refused or withdrawn' }),
  }),
  rejections: approvalRejections,
});

/** A command as the rules of an approval see it. */
export type ApprovalCommand = CommandsOf<typeof approvalContract>;

/** An event of an approval's stream. */
export type ApprovalEvent = EventsOf<typeof approvalContract>;
