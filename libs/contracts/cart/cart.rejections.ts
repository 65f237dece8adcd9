import type { RejectionContract } from '../entity-contract.js';

/** Every code with which a cart's rules reject. */
export const cartRejections = {
  'CART.NOT_CREATED': { status: 404, title: 'There is no such cart' },
  'CART.ID_TOO_LONG': { status: 422, title: 'The id of a cart has at most 80 characters' },
  'CART.ALREADY_CREATED': { status: 409, title: 'The cart already exists' },
  'CART.CHECKING_OUT': { status: 409, title: 'The cart is being checked out' },
  'CART.COMPLETED': { status: 409, title: 'The cart was bought' },
  'CART.ABANDONED': { status: 409, title: 'The cart was abandoned' },
  'CART.EXPIRED': { status: 409, title: 'The cart has expired' },
  'CART.CUSTOMER_ASSIGNED': { status: 409, title: 'The cart already belongs to a customer' },
  'CART.NO_CUSTOMER': { status: 409, title: 'The cart does not belong to a customer yet' },
  'CART.CURRENCY_MISMATCH': { status: 422, title: 'The cart has another currency' },
  'CART.NO_PRICE': { status: 409, title: 'The item has no price in this currency' },
  'CART.CURRENCY_NEEDED': { status: 422, title: 'The item has prices in several currencies' },
  'CART.EMPTY': { status: 409, title: 'The cart is empty' },
  'CART.LINE_LIMIT': { status: 409, title: 'The cart has 100 different items' },
  'CART.TOTAL_LIMIT': { status: 409, title: 'The total of the cart would exceed 2^53 − 1 minor units' },
  'CART.NOT_DUE': { status: 409, title: 'The cart was not left alone for that long' },
  'LINE.NOT_FOUND': { status: 404, title: 'The item is not in the cart' },
  'LINE.QUANTITY_LIMIT': { status: 409, title: 'The item would have more than 999 pieces' },
  'LINE.SAME_QUANTITY': { status: 409, title: 'The item already has this quantity' },
  'COUPON.APPLIED': { status: 409, title: 'A coupon is already applied' },
  'COUPON.NOT_FOUND': { status: 404, title: 'No coupon is applied' },
  'CHECKOUT.NOT_FOUND': { status: 404, title: 'The cart has no such checkout' },
  'CHECKOUT.STARTED': { status: 409, title: 'The checkout was started' },
  'CHECKOUT.COMPLETED': { status: 409, title: 'The checkout was completed' },
  'CHECKOUT.FAILED': { status: 409, title: 'The checkout has failed' },
} as const satisfies Record<string, RejectionContract>;

/** One of the codes above. */
export type CartRejectionCode = keyof typeof cartRejections;
