import { z } from 'zod';
import { balance, count, currency, entityId, recordedAt, text } from '../fields.js';

const id = z.string().meta({ examples: ['cart-7'] });

/** A row of the list of carts. */
export const cartRow = z
  .strictObject({
    id,
    status: z.enum(['open', 'checking-out', 'completed', 'abandoned', 'expired']),
    customerId: entityId.optional(),
    currency: currency.optional(),
    items: count.meta({ description: 'Different items' }),
    pieces: count.meta({ description: 'All pieces of all items' }),
    subtotal: balance,
    discount: balance,
    total: balance,
    revision: z.int().min(0),
    createdAt: recordedAt,
    updatedAt: recordedAt,
  })
  .meta({ description: 'A cart as the read model shows it, up to `revision`; amounts are minor units' });

/** A row of the list of carts that were not bought. */
export const abandonedCartRow = z
  .strictObject({
    id,
    end: z.enum(['abandoned', 'expired']).meta({ description: 'Given up, or left alone for too long' }),
    customerId: entityId.optional(),
    currency: currency.optional(),
    pieces: count,
    total: balance.meta({ description: 'What it would have cost, in minor units' }),
    reason: text(500).optional(),
    endedAt: recordedAt,
  })
  .meta({ description: 'A cart that was not bought, and what it was worth' });

export type CartRow = z.output<typeof cartRow>;
export type AbandonedCartRow = z.output<typeof abandonedCartRow>;
