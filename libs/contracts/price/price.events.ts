import { z } from 'zod';
import type { EventContract } from '../entity-contract.js';
import { balance, currency, recordedAt } from '../fields.js';

/** The price of one piece in a currency, in minor units, and when it is valid. */
export const listedPrice = z.strictObject({
  unitPrice: balance,
  currency,
  validFrom: recordedAt,
  validUntil: recordedAt
    .optional()
    .meta({ description: 'When it ends, unless another one in this currency begins before' }),
});

/** Events of a price list. The price that begins replaces the one before in its currency. */
export const priceEvents = {
  PriceSet: { schema: listedPrice, summary: 'A price was set and is valid from now on', version: 1 },
  PricePlanned: { schema: listedPrice, summary: 'A price was set that begins later', version: 1 },
  PriceBegan: { schema: listedPrice, summary: 'A planned price has begun', version: 1 },
  PriceEnded: { schema: listedPrice, summary: 'A price has ended', version: 1 },
  PriceWithdrawn: {
    schema: listedPrice.extend({ withdrawnAt: recordedAt }),
    summary: 'A price was withdrawn, valid or planned',
    version: 1,
  },
} as const satisfies Record<string, EventContract>;
