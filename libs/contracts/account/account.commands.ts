import { z } from 'zod';
import { approvalReport, approvers, refusedRequest } from '../approval/approval-limit.fields.js';
import type { CommandContract } from '../entity-contract.js';
import { interest } from '../interest-run/interest.fields.js';
import { amount, balance, commandId, currency, localId, text, timestamp } from '../fields.js';

const movement = z.strictObject({
  amount,
  currency: currency.optional(),
  reference: text(140).optional(),
});

const reversal = z.strictObject({
  deposit: commandId.meta({ description: 'The id of the command that made the deposit' }),
  amount,
  reason: text(500),
});

const hold = movement.extend({
  holdId: localId,
  expiresAt: timestamp.optional(),
  owner: text(200).optional().meta({ description: 'Required owner of the account' }),
});

const becauseOf = z.strictObject({ reason: text(500) });

/**
 * Commands of an account. Amounts are minor units of the account's currency. A given currency is
 * checked against it.
 */
export const accountCommands = {
  Open: {
    schema: z.strictObject({ owner: text(200), currency }),
    summary: 'Open the account',
    visibility: 'public',
    allow: ['owner', 'role:teller'],
    creates: true,
  },
  Deposit: {
    schema: movement,
    summary: 'Deposit money',
    visibility: 'public',
    allow: ['role:teller', 'role:payments'],
  },
  Withdraw: {
    schema: movement,
    summary: 'Withdraw available money',
    visibility: 'public',
    allow: ['owner', 'role:teller'],
  },
  ReverseDeposit: {
    schema: reversal,
    completed: reversal.extend({ deposited: amount.optional() }),
    summary: 'Take back all or a part of a mistaken deposit, once, from the available money',
    visibility: 'public',
    allow: ['role:supervisor'],
  },
  PlaceHold: {
    schema: hold,
    completed: hold.extend({
      step: localId
        .optional()
        .meta({ description: 'The step of the saga that sends it, which waits if the hold needs approval' }),
    }),
    summary: 'Set available money aside, until it is captured, released or its deadline passes',
    visibility: 'public',
    allow: ['owner', 'role:teller', 'role:payments'],
  },
  CaptureHold: {
    schema: z.strictObject({ holdId: localId, amount: amount.optional() }),
    summary: 'Capture all or a part of a hold; the rest is available again',
    visibility: 'public',
    allow: ['role:teller', 'role:payments'],
  },
  ReleaseHold: {
    schema: z.strictObject({ holdId: localId }),
    summary: 'Release a hold, so that its money is available again',
    visibility: 'public',
    allow: ['role:teller', 'role:payments'],
  },
  ExpireHold: {
    schema: z.strictObject({ holdId: localId }),
    summary: 'End a hold whose deadline has passed',
    visibility: 'internal',
  },
  SetApprovalLimit: {
    schema: approvers.extend({
      amount: balance.meta({ description: 'The largest amount that needs no approval' }),
      currency: currency.optional(),
    }),
    summary:
      'Let withdrawals, holds and transfers above an amount wait until others have approved them. Checkouts need no approval',
    visibility: 'public',
    allow: ['role:supervisor'],
  },
  RemoveApprovalLimit: {
    schema: z.strictObject({}),
    summary: 'Let nothing wait for approval any more, but for what has been requested',
    visibility: 'public',
    allow: ['role:supervisor'],
  },
  RecordApproval: {
    schema: approvalReport,
    summary: 'The approval of a requested withdrawal or hold has ended',
    visibility: 'internal',
  },
  DropRequest: {
    schema: refusedRequest,
    summary: 'The approval of a withdrawal or hold could not be requested: its money is available again',
    visibility: 'internal',
  },
  CreditInterest: {
    schema: z.strictObject({ ...interest, currency }),
    summary: 'Credit the interest of a month, once',
    visibility: 'internal',
  },
  Freeze: {
    schema: becauseOf,
    summary: 'Stop everything except deposits, interest, and captures and releases of existing holds',
    visibility: 'public',
    allow: ['role:teller', 'role:supervisor'],
  },
  Unfreeze: { schema: becauseOf, summary: 'Lift a freeze', visibility: 'public', allow: ['role:supervisor'] },
  Close: {
    schema: z.strictObject({}),
    summary: 'Close the empty account permanently',
    visibility: 'public',
    allow: ['owner', 'role:teller'],
  },
} as const satisfies Record<string, CommandContract>;
