import { z } from 'zod';
import { type CommandsOf, type EventsOf, defineContract } from '../entity-contract.js';
import { amount, balance, currency, entityId, localId, recordedAt, text } from '../fields.js';
import { collectionOf } from '../services.js';
import { cartCommands } from './cart.commands.js';
import { cartEvents, guestToken, paidBy, pricedLine } from './cart.events.js';
import { cartRejections } from './cart.rejections.js';

/** The public contract of the shopping cart. */
export const cartContract = defineContract({
  name: 'cart',
  plural: collectionOf('cart'),
  summary: 'A shopping cart in one currency, of a customer or a guest',
  access: { read: ['owner', 'role:storefront', 'role:support'], feed: ['role:support'] },
  commands: cartCommands,
  events: cartEvents,
  view: z.strictObject({
    status: z.enum(['open', 'checking-out', 'completed', 'abandoned', 'expired']),
    customerId: entityId.optional(),
    guestToken: guestToken.optional(),
    currency: currency.optional(),
    lines: z.array(pricedLine),
    coupon: z
      .strictObject({
        code: localId,
        basisPoints: z.int().optional(),
        amount: amount.optional(),
        currency: currency.optional(),
      })
      .optional()
      .meta({ description: 'An amount does not apply while the cart has another currency, or none.' }),
    subtotal: balance,
    discount: balance,
    total: balance,
    checkout: z
      .strictObject({ checkoutId: localId, ...paidBy, total: balance })
      .optional()
      .meta({ description: 'The current checkout, or the one that has succeeded.' }),
    lastFailure: z
      .strictObject({ checkoutId: localId, reason: text(500), failedAt: recordedAt })
      .optional()
      .meta({ description: 'Why the last checkout failed.' }),
    changedAt: recordedAt,
  }),
  rejections: cartRejections,
});

/** A command as the cart's rules see it. */
export type CartCommand = CommandsOf<typeof cartContract>;

/** An event of a cart's stream. */
export type CartEvent = EventsOf<typeof cartContract>;
