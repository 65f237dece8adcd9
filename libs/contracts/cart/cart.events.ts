import { z } from 'zod';
import type { EventContract } from '../entity-contract.js';
import { amount, balance, count, currency, entityId, localId, recordedAt, text } from '../fields.js';
import { personal } from '../personal-data.js';

/** What tells guests apart, such as the id of a cookie. It admits nobody to anything. */
export const guestToken = personal(localId);

const pieces = z.int().min(1).max(999);
const basisPoints = z.int().min(1).max(10_000);
const worth = z.strictObject({
  pieces: count,
  total: balance.meta({ description: 'What the cart would have cost, in minor units' }),
  currency: currency.optional(),
});

/**
 * An item of a cart with its price. `total` is quantity × unit price less its share of the
 * discount.
 */
export const pricedLine = z.strictObject({
  sku: entityId,
  quantity: pieces,
  unitPrice: balance,
  discount: balance,
  total: balance,
});

/**
 * A payment by card, as it is stored. A payment from an account has an `accountId` in its place.
 */
export const cardPayment = z.strictObject({
  method: z.literal('card'),
  card: text(64).meta({
    description: 'A token of the provider, never a card number',
    examples: ['tok_visa'],
  }),
});

/** How a checkout is paid: one of the two. */
export const paidBy = { accountId: entityId.optional(), payment: cardPayment.optional() };

/** Events of a cart. Reminder and expiry count from the last `changedAt`. */
export const cartEvents = {
  CartCreated: {
    schema: z.strictObject({
      customerId: entityId.optional(),
      guestToken: guestToken.optional(),
      changedAt: recordedAt,
    }),
    summary: 'The cart was created',
    version: 1,
  },
  CustomerAssigned: {
    schema: z.strictObject({ customerId: entityId, changedAt: recordedAt }),
    summary: 'The cart was assigned to a customer',
    version: 1,
  },
  ItemAdded: {
    schema: z.strictObject({
      sku: entityId,
      quantity: pieces,
      unitPrice: balance,
      currency,
      previousUnitPrice: balance.optional().meta({ description: 'Previous price of the existing pieces' }),
      changedAt: recordedAt,
    }),
    summary: 'Pieces of an item were added; all pieces of that item now have this price',
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
    summary: 'All pieces of an item were removed',
    version: 1,
  },
  CouponApplied: {
    schema: z.strictObject({
      code: localId,
      basisPoints: basisPoints.optional(),
      amount: amount.optional(),
      currency: currency.optional().meta({
        description:
          'Currency of the amount, which applies only while the cart has this currency. Older events have none: the amount is in the currency of the cart at that time',
      }),
      changedAt: recordedAt,
    }),
    summary: 'A coupon for a percentage of the subtotal, or an amount, was applied',
    version: 1,
  },
  CouponRemoved: {
    schema: z.strictObject({ code: localId, changedAt: recordedAt }),
    summary: 'The coupon was removed',
    version: 1,
  },
  CheckoutRequested: {
    schema: z.strictObject({
      checkoutId: localId.meta({ description: 'The checkout within this cart: the first is `checkout-1`' }),
      customerId: entityId,
      ...paidBy,
      currency,
      lines: z.array(pricedLine),
      couponCode: localId.optional(),
      subtotal: balance,
      discount: balance,
      total: balance,
    }),
    summary: 'A checkout of the cart was requested at these prices',
    version: 1,
  },
  CheckoutCompleted: {
    schema: z.strictObject({ checkoutId: localId, total: balance, currency }),
    summary: 'The cart was bought',
    version: 1,
  },
  CheckoutFailed: {
    schema: z.strictObject({ checkoutId: localId, reason: text(500), changedAt: recordedAt }),
    summary: 'The checkout failed, and the cart is open again',
    version: 1,
  },
  CartReminded: { schema: worth, summary: 'The cart was left alone for a while', version: 1 },
  CartAbandoned: {
    schema: worth.extend({ reason: text(500).optional() }),
    summary: 'The cart was abandoned',
    version: 1,
  },
  CartExpired: { schema: worth, summary: 'The cart expired', version: 1 },
} as const satisfies Record<string, EventContract>;
