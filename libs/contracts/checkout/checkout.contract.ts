import { z } from 'zod';
import { paidBy, pricedLine } from '../cart/cart.events.js';
import { balance, currency, entityId, localId } from '../fields.js';
import type { Exact } from '../entity-contract.js';
import { sagaContract } from '../saga/saga.contract.js';
import { collectionOf } from '../services.js';

const checkoutInput = z.strictObject({
  cartId: entityId,
  checkoutId: localId,
  customerId: entityId,
  ...paidBy,
  currency,
  lines: z.array(pricedLine),
  total: balance,
});

/**
 * The purchase of a cart: stock reserved, money held, stock confirmed, goods sent, money captured.
 * Its id is `<cart>:<checkout>`.
 */
export const checkoutContract = sagaContract({
  name: 'checkout',
  plural: collectionOf('checkout'),
  summary: 'Buy the content of a cart',
  access: {
    cancel: ['owner', 'role:storefront'],
    read: ['owner', 'role:storefront', 'role:support'],
    feed: ['role:support'],
  },
  input: checkoutInput,
});

/** The input of a checkout. */
export type CheckoutInput = Exact<z.output<typeof checkoutInput>>;
