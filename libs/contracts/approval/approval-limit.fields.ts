import { z } from 'zod';
import type { Exact } from '../entity-contract.js';
import { code, detail, entityId, localId, recordedAt } from '../fields.js';
import { approvalAnswer, candidates, contentHash } from './approval.fields.js';

const DAY_SECONDS = 24 * 60 * 60;

const needed = z.int().min(1).max(20);
const withinSeconds = z
  .int()
  .min(1)
  .max(365 * DAY_SECONDS);

/** Who approves what is above a limit, and how soon, as a command states it. */
export const approvers = z.strictObject({
  candidates: candidates.meta({ description: 'Who may approve' }),
  needed: needed.default(1).meta({ description: 'How many of them must approve', examples: [1] }),
  withinSeconds: withinSeconds.default(3 * DAY_SECONDS).meta({
    description: 'Seconds after which a request is refused unless it is approved',
    examples: [3 * DAY_SECONDS],
  }),
});

/** The same, as it is stored and shown. */
export const storedApprovers = z.strictObject({ candidates, needed, withinSeconds });

/** The approval that something waits for. */
export const awaitedApproval = z.strictObject({
  approvalId: entityId,
  contentHash,
  deadline: recordedAt.meta({ description: 'When it is refused unless it is approved' }),
});

/** In JSON, an optional field is left out; it is never undefined. */
const answer = approvalAnswer as unknown as z.ZodType<Exact<z.output<typeof approvalAnswer>>>;

/** The end of an approval, as an approval reports it. */
export const approvalReport = z.strictObject({
  outcome: z.enum(['approved', 'refused', 'withdrawn']),
  approval: answer,
});

/** The refusal of an effect that requests an approval. */
export const refusedRequest = z.strictObject({
  key: localId,
  status: z.literal('refused'),
  attempts: z.int().min(0),
  echo: entityId.meta({ description: 'The id of the approval' }),
  code,
  detail,
});
