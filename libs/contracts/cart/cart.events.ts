import { z } from 'zod';
import type { EventContract } from '../entity-contract.js';
import { amount, balance, count, currency, entityId, localId, recordedAt, text } from '../fields.js';

const pieces = z.int().min(1).max(999);
const basisPoints = z.int().min(1).max(10_000);
const worth = z.strictObject({
  pieces: count,
  total: balance.meta({ description: 'What the cart would have cost, in minor units' }),
  currency: currency.optional(),
});

/** An item of a cart with what it costs; `total` is what is left of quantity × unit price after its part of the discount. */
export const pricedLine = z.strictObject({
  sku: entityId,
  quantity: pieces,
  unitPrice: balance,
  discount: balance,
  total: balance,
});

/** What can have happened to a cart. The reminder and the expiry count from the last `changedAt`. */
export const cartEvents = {
  CartCreated: {
    schema: z.strictObject({
      customerId: entityId.optional(),
      guestToken: localId.optional(),
      changedAt: recordedAt,
    }),
    summary: 'The cart was begun',
    version: 1,
  },
  CustomerAssigned: {
    schema: z.strictObject({ customerId: entityId, changedAt: recordedAt }),
    summary: 'The cart became that of a customer',
    version: 1,
  },
  ItemAdded: {
    schema: z.strictObject({
      sku: entityId,
      quantity: pieces,
      unitPrice: balance,
      currency,
      previousUnitPrice: balance
        .optional()
        .meta({ description: 'Of pieces that were there at another price' }),
      changedAt: recordedAt,
    }),
    summary: 'Pieces of an item were added; all of that item now have this price',
    version: 1,
  },
  QuantityChanged: {
    schema: z.strictObject({
      sku: entityId,
      quantity: pieces,
      previousQuantity: pieces,
      changedAt: recordedAt,
    }),
    summary: 'The number of pieces of an item was changed',
    version: 1,
  },
  ItemRemoved: {
    schema: z.strictObject({ sku: entityId, quantity: pieces, changedAt: recordedAt }),
    summary: 'All pieces of an item were taken out',
    version: 1,
  },
  CouponApplied: {
    schema: z.strictObject({
      code: localId,
      basisPoints: basisPoints.optional(),
      amount: amount.optional(),
      currency: currency.optional().meta({
        description:
          'Of the amount, which counts only while the cart has this currency. Events written before it was recorded have none: the amount is in the currency of the cart at that time',
      }),
      changedAt: recordedAt,
    }),
    summary: 'A share of the subtotal, or an amount, is taken off',
    version: 1,
  },
  CouponRemoved: {
    schema: z.strictObject({ code: localId, changedAt: recordedAt }),
    summary: 'The coupon was taken out',
    version: 1,
  },
  CheckoutRequested: {
    schema: z.strictObject({
      checkoutId: localId.meta({ description: 'Which checkout of this cart: the first is `checkout-1`' }),
      customerId: entityId,
      accountId: entityId,
      currency,
      lines: z.array(pricedLine),
      couponCode: localId.optional(),
      subtotal: balance,
      discount: balance,
      total: balance,
    }),
    summary: 'The cart is to be bought at these prices',
    version: 1,
  },
  CheckoutCompleted: {
    schema: z.strictObject({ checkoutId: localId, total: balance, currency }),
    summary: 'The cart was bought',
    version: 1,
  },
  CheckoutFailed: {
    schema: z.strictObject({ checkoutId: localId, reason: text(500), changedAt: recordedAt }),
    summary: 'The cart was not bought, and is open again',
    version: 1,
  },
  CartReminded: { schema: worth, summary: 'The cart was left alone for a while', version: 1 },
  CartAbandoned: {
    schema: worth.extend({ reason: text(500).optional() }),
    summary: 'The cart was given up',
    version: 1,
  },
  CartExpired: { schema: worth, summary: 'The cart was left alone for too long', version: 1 },
} as const satisfies Record<string, EventContract>;
