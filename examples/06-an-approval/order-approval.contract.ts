import { z } from 'zod';
import { approvalAnswer } from '#contracts/approval/approval.fields.js';
import { amount, duration, emailAddress, entityId } from '#contracts/fields.js';
import { flowContract } from '#contracts/flow/flow.contract.js';

/** An order that a supervisor has to approve. */
export const orderApprovalContract = flowContract({
  name: 'orderApproval',
  path: 'order-approvals',
  summary: 'Fulfil an order once it is approved, or tell the customer that it is not',
  access: { start: ['anyone'], cancel: ['anyone'], read: ['anyone'], feed: ['anyone'] },
  input: z.strictObject({
    order: entityId,
    amount,
    customer: emailAddress,
    within: duration.default('3d').meta({ description: 'How long the supervisors may take' }),
  }),
  messages: {
    // Without `allow`, only entities and flows send it.
    Decided: {
      schema: z.strictObject({
        outcome: z.enum(['approved', 'refused', 'withdrawn']),
        approval: approvalAnswer,
      }),
      summary: 'The approval has ended',
    },
  },
  result: z.strictObject({ outcome: z.enum(['fulfilled', 'rejected']) }),
});
