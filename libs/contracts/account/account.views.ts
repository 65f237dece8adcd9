import { z } from 'zod';
import { amount, balance, currency, localId, recordedAt, text } from '../fields.js';

/** A row of the list of accounts. */
export const accountRow = z
  .strictObject({
    id: z.string().meta({ examples: ['alice'] }),
    status: z.enum(['open', 'frozen', 'closed']),
    owner: text(200),
    currency,
    balance,
    held: balance,
    available: balance,
    revision: z.int().min(0),
    openedAt: recordedAt,
    updatedAt: recordedAt,
  })
  .meta({ description: 'An account as the read model shows it, up to `revision`' });

/** A line of an account's statement. */
export const statementEntry = z
  .strictObject({
    revision: z.int().min(0),
    kind: z.enum(['deposited', 'withdrawn', 'hold-placed', 'hold-captured', 'hold-released', 'hold-expired']),
    amount,
    currency,
    balance: balance.meta({ description: 'The balance after it' }),
    held: balance.meta({ description: 'What is set aside after it' }),
    available: balance.meta({ description: 'What may be spent after it' }),
    holdId: localId.optional(),
    reference: text(140).optional(),
    at: recordedAt,
  })
  .meta({ description: 'An event that moved money or set it aside; amounts are minor units' });

export type AccountRow = z.output<typeof accountRow>;
export type StatementEntry = z.output<typeof statementEntry>;
