import type { RejectionContract } from '../entity-contract.js';

/** Every code a cart's rules reject with. */
export const cartRejections = {
  'CART.NOT_CREATED': { status: 404, title: 'There is no such cart' },
  'CART.ID_TOO_LONG': { status: 422, title: 'The id of a cart has 80 characters at most' },
  'CART.ALREADY_CREATED': { status: 409, title: 'The cart was created before' },
  'CART.CHECKING_OUT': { status: 409, title: 'The cart is being checked out' },
  'CART.COMPLETED': { status: 409, title: 'The cart was bought' },
  'CART.ABANDONED': { status: 409, title: 'The cart was abandoned' },
  'CART.EXPIRED': { status: 409, title: 'The cart has expired' },
  'CART.CUSTOMER_ASSIGNED': { status: 409, title: 'The cart belongs to a customer already' },
  'CART.NO_CUSTOMER': { status: 409, title: 'The cart belongs to no customer yet' },
  'CART.CURRENCY_MISMATCH': { status: 422, title: 'The cart is kept in another currency' },
  'CART.EMPTY': { status: 409, title: 'There is nothing in the cart' },
  'CART.LINE_LIMIT': { status: 409, title: 'The cart holds 100 different items' },
  'CART.TOTAL_LIMIT': { status: 409, title: 'The cart would be worth more than 2^53 − 1 minor units' },
  'CART.NOT_DUE': { status: 409, title: 'The cart was not left alone for that long' },
  'LINE.NOT_FOUND': { status: 404, title: 'The item is not in the cart' },
  'LINE.QUANTITY_LIMIT': { status: 409, title: 'There would be more than 999 pieces of the item' },
  'LINE.SAME_QUANTITY': { status: 409, title: 'There are that many pieces already' },
  'COUPON.APPLIED': { status: 409, title: 'A coupon is applied already' },
  'COUPON.NOT_FOUND': { status: 404, title: 'No coupon is applied' },
  'CHECKOUT.NOT_FOUND': { status: 404, title: 'The cart knows no such checkout' },
  'CHECKOUT.STARTED': { status: 409, title: 'The checkout was started' },
  'CHECKOUT.COMPLETED': { status: 409, title: 'The checkout was completed' },
  'CHECKOUT.FAILED': { status: 409, title: 'The checkout has failed' },
} as const satisfies Record<string, RejectionContract>;

/** A code out of the list above. */
export type CartRejectionCode = keyof typeof cartRejections;
