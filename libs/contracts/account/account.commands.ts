import { z } from 'zod';
import type { CommandContract } from '../entity-contract.js';
import { amount, currency, localId, text, timestamp } from '../fields.js';

const movement = z.strictObject({
  amount,
  currency: currency.optional(),
  reference: text(140).optional(),
});

const becauseOf = z.strictObject({ reason: text(500) });

/** What an account can be told. Amounts are minor units of the account's currency; naming the currency checks it. */
export const accountCommands = {
  Open: {
    schema: z.strictObject({ owner: text(200), currency }),
    summary: 'Open the account',
    visibility: 'public',
    creates: true,
  },
  Deposit: { schema: movement, summary: 'Pay money in', visibility: 'public' },
  Withdraw: { schema: movement, summary: 'Take available money out', visibility: 'public' },
  PlaceHold: {
    schema: movement.extend({
      holdId: localId,
      expiresAt: timestamp.optional(),
      owner: text(200).optional().meta({ description: 'Whose account it has to be' }),
    }),
    summary: 'Set available money aside, until it is captured, released or its deadline passes',
    visibility: 'public',
  },
  CaptureHold: {
    schema: z.strictObject({ holdId: localId, amount: amount.optional() }),
    summary: 'Take a hold out for good, all of it or a part; what is left is available again',
    visibility: 'public',
  },
  ReleaseHold: {
    schema: z.strictObject({ holdId: localId }),
    summary: 'Make the money of a hold available again',
    visibility: 'public',
  },
  ExpireHold: {
    schema: z.strictObject({ holdId: localId }),
    summary: 'End a hold whose deadline has passed',
    visibility: 'internal',
  },
  Freeze: {
    schema: becauseOf,
    summary: 'Stop everything but deposits and the capture or release of holds already placed',
    visibility: 'public',
  },
  Unfreeze: { schema: becauseOf, summary: 'Lift a freeze', visibility: 'public' },
  Close: { schema: z.strictObject({}), summary: 'Close the empty account for good', visibility: 'public' },
} as const satisfies Record<string, CommandContract>;
