import { z } from 'zod';
import { answerTo } from '../answers.js';
import { callerId } from '../approval/approval.fields.js';
import { awaitedApproval, storedApprovers } from '../approval/approval-limit.fields.js';
import type { EventContract } from '../entity-contract.js';
import { interest } from '../interest-run/interest.fields.js';
import {
  amount,
  balance,
  commandId,
  currency,
  entityId,
  localId,
  ownerStream,
  recordedAt,
  text,
} from '../fields.js';

const moved = z.strictObject({ amount, currency, reference: text(140).optional() });
const holdEnded = z.strictObject({ holdId: localId, amount, currency });
const requested = moved.extend(awaitedApproval.shape);
const asker = z
  .strictObject({ saga: ownerStream, step: localId, answerTo })
  .meta({ description: 'The saga that waits for the hold, and its command' });
const answered = z.strictObject({
  approvalId: entityId,
  amount,
  currency,
  holdId: localId.optional().meta({ description: 'The hold that was requested; absent for a withdrawal' }),
  asker: asker.optional(),
});
const becauseOf = z.strictObject({ reason: text(500) });

/** Events of an account. Every amount comes with its currency. */
export const accountEvents = {
  AccountOpened: {
    schema: z.strictObject({ owner: text(200), currency }),
    summary: 'The account was opened',
    version: 1,
  },
  MoneyDeposited: { schema: moved, summary: 'Money was deposited', version: 1 },
  DepositReversed: {
    schema: z.strictObject({
      deposit: commandId.meta({ description: 'The id of the command that made the deposit' }),
      amount,
      currency,
      reason: text(500),
    }),
    summary: 'All or a part of a mistaken deposit was taken back',
    version: 1,
  },
  MoneyWithdrawn: { schema: moved, summary: 'Money was withdrawn', version: 1 },
  HoldPlaced: {
    schema: moved.extend({
      holdId: localId,
      expiresAt: recordedAt.optional(),
      ownedBy: ownerStream.optional(),
    }),
    summary: 'Available money was held',
    version: 1,
  },
  HoldCaptured: {
    schema: z.strictObject({ holdId: localId, captured: amount, released: balance, currency }),
    summary: 'A hold was captured; what was not captured is available again',
    version: 1,
  },
  HoldReleased: { schema: holdEnded, summary: 'A hold was released', version: 1 },
  HoldExpired: { schema: holdEnded, summary: 'A hold expired', version: 1 },
  ApprovalLimitSet: {
    schema: storedApprovers.extend({ amount: balance, currency }),
    summary: 'The largest amount that needs no approval was set',
    version: 1,
  },
  ApprovalLimitRemoved: {
    schema: z.strictObject({}),
    summary: 'Nothing needs approval any more',
    version: 1,
  },
  WithdrawalRequested: {
    schema: requested,
    summary: 'Available money was held, to be withdrawn once that is approved',
    version: 1,
  },
  HoldRequested: {
    schema: requested.extend({
      holdId: localId,
      expiresAt: recordedAt.optional(),
      ownedBy: ownerStream.optional(),
      asker: asker.optional(),
    }),
    summary: 'Available money was held; the hold can be captured once it is approved',
    version: 1,
  },
  RequestApproved: {
    schema: answered.extend({ approvedBy: z.array(callerId) }),
    summary: 'A request was approved: the withdrawal or hold follows',
    version: 1,
  },
  RequestRefused: {
    schema: answered.extend({
      because: z.enum(['refused', 'withdrawn', 'released', 'expired', 'frozen', 'not-requested']).meta({
        description:
          'The approval was refused or withdrawn; the requested hold was released or has expired; the account was frozen when it was approved; the approval could not be requested',
      }),
      reason: text(500).optional(),
    }),
    summary: 'A request has ended without approval: its money is available again',
    version: 1,
  },
  InterestCredited: {
    schema: z.strictObject({ ...interest, currency }),
    summary: 'The interest of a month was credited',
    version: 1,
  },
  AccountFrozen: { schema: becauseOf, summary: 'The account was frozen', version: 1 },
  AccountUnfrozen: { schema: becauseOf, summary: 'The freeze was lifted', version: 1 },
  AccountClosed: { schema: z.strictObject({}), summary: 'The account was closed permanently', version: 1 },
} as const satisfies Record<string, EventContract>;
