import { z } from 'zod';
import { awaitedApproval, storedApprovers } from '../approval/approval-limit.fields.js';
import { type CommandsOf, type EventsOf, defineContract } from '../entity-contract.js';
import { amount, balance, currency, localId, ownerStream, recordedAt, text } from '../fields.js';
import { collectionOf } from '../services.js';
import { accountCommands } from './account.commands.js';
import { accountEvents } from './account.events.js';
import { accountRejections } from './account.rejections.js';

const hold = z.strictObject({
  holdId: localId,
  amount,
  expiresAt: recordedAt.optional(),
  reference: text(140).optional(),
  ownedBy: ownerStream
    .optional()
    .meta({ description: 'The saga that alone may end it while that saga runs' }),
});

const request = awaitedApproval.extend({
  ...hold.shape,
  holdId: localId.optional().meta({ description: 'The requested hold; absent for a withdrawal' }),
});

/** The public contract of the bank account. */
export const accountContract = defineContract({
  name: 'account',
  plural: collectionOf('account'),
  summary: 'A bank account in one currency, with holds',
  access: { read: ['owner', 'role:teller', 'role:supervisor', 'role:support'], feed: ['role:support'] },
  commands: accountCommands,
  events: accountEvents,
  view: z.strictObject({
    status: z.enum(['open', 'frozen', 'closed']),
    owner: text(200),
    currency,
    balance,
    held: balance,
    available: balance,
    holds: z.array(hold),
    approvalLimit: storedApprovers
      .extend({ amount: balance })
      .optional()
      .meta({ description: 'The largest amount that needs no approval, and who approves others' }),
    requests: z.array(request).optional().meta({
      description: 'What waits for approval. Its money is held, but not in one of the holds',
    }),
    captured: z.strictObject({ count: z.int().min(0), amount: balance }).meta({
      description: 'All captures so far: their number, and their sum (which stops at 2^53 − 1).',
    }),
  }),
  rejections: accountRejections,
});

/** A command as the account's rules see it. */
export type AccountCommand = CommandsOf<typeof accountContract>;

/** An event of an account's stream. */
export type AccountEvent = EventsOf<typeof accountContract>;
