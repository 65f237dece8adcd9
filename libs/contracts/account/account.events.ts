import { z } from 'zod';
import type { EventContract } from '../entity-contract.js';
import { amount, balance, currency, localId, ownerStream, recordedAt, text } from '../fields.js';

const moved = z.strictObject({ amount, currency, reference: text(140).optional() });
const holdEnded = z.strictObject({ holdId: localId, amount, currency });
const becauseOf = z.strictObject({ reason: text(500) });

/** What can have happened to an account. Every amount is beside its currency. */
export const accountEvents = {
  AccountOpened: {
    schema: z.strictObject({ owner: text(200), currency }),
    summary: 'The account was opened',
    version: 1,
  },
  MoneyDeposited: { schema: moved, summary: 'Money was paid in', version: 1 },
  MoneyWithdrawn: { schema: moved, summary: 'Money was taken out', version: 1 },
  HoldPlaced: {
    schema: moved.extend({
      holdId: localId,
      expiresAt: recordedAt.optional(),
      ownedBy: ownerStream.optional(),
    }),
    summary: 'Available money was set aside',
    version: 1,
  },
  HoldCaptured: {
    schema: z.strictObject({ holdId: localId, captured: amount, released: balance, currency }),
    summary: 'A hold was taken out; what was not captured is available again',
    version: 1,
  },
  HoldReleased: { schema: holdEnded, summary: 'A hold was given up', version: 1 },
  HoldExpired: { schema: holdEnded, summary: 'A hold ended at its deadline', version: 1 },
  AccountFrozen: { schema: becauseOf, summary: 'The account was frozen', version: 1 },
  AccountUnfrozen: { schema: becauseOf, summary: 'The freeze was lifted', version: 1 },
  AccountClosed: { schema: z.strictObject({}), summary: 'The account was closed for good', version: 1 },
} as const satisfies Record<string, EventContract>;
