import { z } from 'zod';
import type { EventContract } from '../entity-contract.js';
import { amount, balance, commandId, currency, localId, ownerStream, recordedAt, text } from '../fields.js';

const moved = z.strictObject({ amount, currency, reference: text(140).optional() });
const holdEnded = z.strictObject({ holdId: localId, amount, currency });
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
  AccountFrozen: { schema: becauseOf, summary: 'The account was frozen', version: 1 },
  AccountUnfrozen: { schema: becauseOf, summary: 'The freeze was lifted', version: 1 },
  AccountClosed: { schema: z.strictObject({}), summary: 'The account was closed permanently', version: 1 },
} as const satisfies Record<string, EventContract>;
