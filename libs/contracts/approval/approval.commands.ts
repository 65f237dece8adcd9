import { z } from 'zod';
import type { CommandContract } from '../entity-contract.js';
import { text, timestamp } from '../fields.js';
import {
  answers,
  candidates,
  content,
  contentHash,
  escalation,
  explanation,
  person,
} from './approval.fields.js';

const request = z.strictObject({
  subject: text(200).meta({ description: 'What it is about, in a line', examples: ['Order o-7'] }),
  text: explanation.optional().meta({ description: 'What the candidates should know' }),
  content: content.meta({ description: 'What is to be approved, up to 32 KB' }),
  contentHash: contentHash.optional().meta({
    description:
      'SHA-256 of the canonical JSON of the content (RFC 8785), if you want it checked. It is computed in any case',
    examples: [],
  }),
  candidates: candidates.meta({ description: 'Who may decide' }),
  needed: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .meta({ description: 'How many candidates must approve', examples: [1] }),
  deadline: timestamp.meta({ description: 'When it is refused unless it is approved, within a year' }),
  remindAt: timestamp
    .optional()
    .meta({ description: 'When the candidates are reminded, before the deadline', examples: [] }),
  escalation: escalation
    .optional()
    .meta({ description: 'When others may decide, too, before the deadline, and who', examples: [] }),
});

const byCandidate = { visibility: 'public', allow: ['owner'] } as const;

/** Commands of an approval. It belongs to its requester and its candidates. */
export const approvalCommands = {
  Request: {
    schema: request,
    completed: request.extend({ answers: answers.optional() }),
    summary: 'Ask candidates to approve a content',
    visibility: 'public',
    allow: ['anyone'],
    creates: true,
  },
  Claim: {
    ...byCandidate,
    schema: z.strictObject({}),
    summary: 'Let no other candidate decide until the claim is given up or an escalation ends it',
  },
  Unclaim: { ...byCandidate, schema: z.strictObject({}), summary: 'Give up a claim' },
  Delegate: {
    ...byCandidate,
    schema: z.strictObject({
      to: person.meta({ description: 'Who may decide in place of the caller' }),
      reason: text(500).optional(),
    }),
    summary: 'Let another person decide instead',
  },
  Approve: {
    ...byCandidate,
    schema: z.strictObject({
      contentHash: contentHash.meta({ description: 'The hash of the content that the caller has seen' }),
      comment: text(500).optional(),
    }),
    summary: 'Approve the content with this hash',
  },
  Reject: {
    ...byCandidate,
    schema: z.strictObject({
      reason: text(500),
      contentHash: contentHash
        .optional()
        .meta({ description: 'The hash of the content that the caller has seen, if it is to be checked' }),
    }),
    summary: 'Refuse the approval, whatever the other candidates say',
  },
  Withdraw: {
    ...byCandidate,
    schema: z.strictObject({ reason: text(500).optional() }),
    summary: 'Withdraw a request of one’s own',
  },
  Remind: {
    schema: z.strictObject({}),
    summary: 'Record that the candidates are to be reminded',
    visibility: 'internal',
  },
  Escalate: {
    schema: z.strictObject({}),
    summary: 'Let others decide, too, and end any claim',
    visibility: 'internal',
  },
  Expire: {
    schema: z.strictObject({}),
    summary: 'Refuse an approval whose deadline has passed',
    visibility: 'internal',
  },
} as const satisfies Record<string, CommandContract>;
