import { z } from 'zod';
import type { CommandContract } from '../entity-contract.js';
import { balance, currency, recordedAt, timestamp } from '../fields.js';

/** Commands of an item's price list. It exists once a price was set. */
export const priceCommands = {
  SetPrice: {
    schema: z.strictObject({
      unitPrice: balance,
      currency,
      validFrom: timestamp
        .optional()
        .meta({ description: 'When the price begins; from now on if left out', examples: [] }),
      validUntil: timestamp.optional().meta({
        description: 'When the price ends, unless another one in this currency begins before',
        examples: [],
      }),
    }),
    summary: 'Set the price in a currency, from now on or from a later time, in place of the one before',
    visibility: 'public',
    allow: ['role:pricing'],
  },
  WithdrawPrice: {
    schema: z.strictObject({
      currency,
      validFrom: timestamp.optional().meta({
        description: 'The price that begins or began then; the one that is valid now if left out',
        examples: [],
      }),
    }),
    summary: 'Withdraw the valid price in a currency, or one that is planned',
    visibility: 'public',
    allow: ['role:pricing'],
  },
  BeginPrice: {
    schema: z.strictObject({ currency, validFrom: recordedAt }),
    summary: 'Let a planned price begin',
    visibility: 'internal',
  },
  EndPrice: {
    schema: z.strictObject({ currency, validUntil: recordedAt }),
    summary: 'End a price',
    visibility: 'internal',
  },
} as const satisfies Record<string, CommandContract>;
