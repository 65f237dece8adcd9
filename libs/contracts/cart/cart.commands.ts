import { z } from 'zod';
import type { CommandContract } from '../entity-contract.js';
import { amount, balance, code, currency, detail, entityId, localId, text } from '../fields.js';
import { cardPayment, guestToken } from './cart.events.js';

const pieces = z
  .int()
  .min(1)
  .max(999)
  .meta({ examples: [2] });

const price = z.strictObject({ unitPrice: balance, currency });
const item = z.strictObject({
  sku: entityId,
  quantity: pieces,
  unitPrice: balance.optional().meta({
    description: 'The price of a piece; the one of the price list if left out',
    examples: [1250],
  }),
  currency: currency.optional().meta({
    description: 'If left out, that of the cart, or the only one in which the item has a price',
    examples: ['USD'],
  }),
});

const payment = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('account'), accountId: entityId }),
  cardPayment,
]);

const ofCheckout = z.strictObject({ checkoutId: localId });

/** Commands of a cart. Prices are minor units of the cart's currency, which its first item sets. */
export const cartCommands = {
  Create: {
    schema: z
      .strictObject({ customerId: entityId.optional(), guestToken: guestToken.optional() })
      .refine(
        ({ customerId, guestToken }) => (customerId === undefined) !== (guestToken === undefined),
        'must have either a customerId or a guestToken',
      )
      .meta({ oneOf: [{ required: ['customerId'] }, { required: ['guestToken'] }] }),
    summary: 'Begin a cart, of a customer or of a guest',
    visibility: 'public',
    allow: ['owner', 'role:storefront'],
    creates: true,
  },
  AssignCustomer: {
    schema: z.strictObject({ customerId: entityId }),
    summary: 'Assign the cart to a customer, once',
    visibility: 'public',
    allow: ['owner', 'role:storefront'],
  },
  AddItem: {
    schema: item
      .refine(
        ({ unitPrice, currency }) => unitPrice === undefined || currency !== undefined,
        'must have a currency with a unitPrice',
      )
      .meta({ dependentRequired: { unitPrice: ['currency'] } }),
    completed: item.extend({ listed: z.array(price).optional() }),
    summary: 'Add pieces of an item, at the price of the price list; existing pieces get the new price',
    visibility: 'public',
    allow: ['owner', 'role:storefront', 'role:pricing'],
    allowFields: { unitPrice: ['role:pricing'] },
  },
  ChangeQuantity: {
    schema: z.strictObject({ sku: entityId, quantity: pieces }),
    summary: 'Set how many pieces of an item there are',
    visibility: 'public',
    allow: ['owner', 'role:storefront'],
  },
  RemoveItem: {
    schema: z.strictObject({ sku: entityId }),
    summary: 'Remove all pieces of an item',
    visibility: 'public',
    allow: ['owner', 'role:storefront'],
  },
  ApplyCoupon: {
    schema: z
      .strictObject({
        code: localId,
        basisPoints: z
          .int()
          .min(1)
          .max(10_000)
          .optional()
          .meta({ description: 'A percentage of the subtotal: 1,250 is 12.5 %', examples: [1250] }),
        amount: amount.optional(),
        currency: currency.optional(),
      })
      .refine(
        ({ basisPoints, amount }) => (basisPoints === undefined) !== (amount === undefined),
        'must have either basisPoints or an amount',
      )
      .refine(
        ({ amount, currency }) => (amount === undefined) === (currency === undefined),
        'must have a currency with an amount, and only then',
      )
      .meta({
        oneOf: [{ required: ['basisPoints'] }, { required: ['amount'] }],
        dependentRequired: { amount: ['currency'], currency: ['amount'] },
      }),
    summary: 'Apply a coupon for a percentage or an amount, one coupon at a time',
    visibility: 'public',
    allow: ['role:pricing'],
  },
  RemoveCoupon: {
    schema: z.strictObject({}),
    summary: 'Remove the coupon',
    visibility: 'public',
    allow: ['owner', 'role:storefront'],
  },
  Checkout: {
    schema: z
      .strictObject({
        accountId: entityId.optional().meta({ description: 'The same as a payment from this account' }),
        payment: payment.optional().meta({ examples: [] }),
      })
      .refine(
        ({ accountId, payment: by }) => (accountId === undefined) !== (by === undefined),
        'must have either a payment or an accountId',
      )
      .meta({ oneOf: [{ required: ['accountId'] }, { required: ['payment'] }] }),
    summary:
      "Buy the content of the cart at the prices it shows, from an account of the cart's customer or by card; a total of 0 is not paid",
    visibility: 'public',
    allow: ['owner', 'role:storefront'],
  },
  Abandon: {
    schema: z.strictObject({ reason: text(500).optional() }),
    summary: 'Abandon the cart permanently',
    visibility: 'public',
    allow: ['owner', 'role:storefront'],
  },
  CompleteCheckout: {
    schema: ofCheckout,
    summary: 'The checkout has succeeded',
    visibility: 'internal',
  },
  FailCheckout: {
    schema: ofCheckout.extend({ reason: text(500) }),
    summary: 'The checkout has failed and was undone: the cart is open again',
    visibility: 'internal',
  },
  RefuseCheckout: {
    schema: z.strictObject({
      key: localId,
      status: z.literal('refused'),
      attempts: z.int().min(0),
      echo: localId.meta({ description: 'The id of the checkout' }),
      code,
      detail,
    }),
    summary: 'The checkout could not be started: the cart is open again',
    visibility: 'internal',
  },
  Remind: {
    schema: z.strictObject({}),
    summary: 'Send the reminder of a cart that was left alone',
    visibility: 'internal',
  },
  Expire: {
    schema: z.strictObject({}),
    summary: 'Expire a cart that was left alone',
    visibility: 'internal',
  },
} as const satisfies Record<string, CommandContract>;
