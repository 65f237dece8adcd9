import type { CartCommand, CartEvent } from '#contracts/cart/cart.contract.js';
import { oneLine } from '#libs/core/one-line.js';
import type { Rejection } from '#libs/core/rejection.js';
import { no } from './cart-rejections.js';
import { fits, priceCart } from './cart.prices.js';
import type { CartState } from './cart.state.js';

type Decision = readonly CartEvent[] | Rejection;
type CommandNamed<Type> = Extract<CartCommand, { type: Type }>;

const MAX_REASON = 500;

export function checkOut(
  { accountId, payment }: CommandNamed<'Checkout'>['data'],
  state: CartState,
): Decision {
  const { customerId, currency, coupon } = state;
  const account = payment?.method === 'account' ? payment.accountId : accountId;
  if (customerId === undefined) return no('CART.NO_CUSTOMER', 'assign a customer first');
  if (state.lines.length === 0 || currency === undefined) return no('CART.EMPTY', 'there is nothing to buy');
  const couponCode = coupon && fits(coupon, currency) ? coupon.code : undefined;
  return [
    {
      type: 'CheckoutRequested',
      data: {
        checkoutId: checkoutIdOf(state.checkouts + 1),
        customerId,
        ...(payment?.method === 'card' && { payment }),
        ...(account !== undefined && { accountId: account }),
        currency,
        ...(couponCode !== undefined && { couponCode }),
        ...priceCart(state),
      },
    },
  ];
}

export function completeCheckout({ checkoutId }: { checkoutId: string }, state: CartState): Decision {
  const { checkout, currency } = state;
  if (!checkout || !currency || !isUnderWay(checkoutId, state)) return ended(checkoutId, state);
  return [{ type: 'CheckoutCompleted', data: { checkoutId, total: checkout.total, currency } }];
}

export function failCheckout({ data, at }: CommandNamed<'FailCheckout'>, state: CartState): Decision {
  if (!isUnderWay(data.checkoutId, state)) return ended(data.checkoutId, state);
  return [{ type: 'CheckoutFailed', data: { ...data, changedAt: at } }];
}

/**
 * The saga could not be started. If it was started before, it continues, and reports its end
 * itself.
 */
export function refuseCheckout(
  { data: { echo: checkoutId, code, detail }, at }: CommandNamed<'RefuseCheckout'>,
  state: CartState,
): Decision {
  if (code === 'SAGA.ALREADY_STARTED') return no('CHECKOUT.STARTED', `${checkoutId} was already started`);
  if (!isUnderWay(checkoutId, state)) return ended(checkoutId, state);
  const reason = checkoutFailure({ code, detail });
  return [{ type: 'CheckoutFailed', data: { checkoutId, reason, changedAt: at } }];
}

/** The reason why a checkout failed, as stored in the cart. */
export function checkoutFailure({ code, detail }: { code: string; detail: string }): string {
  return oneLine(detail === '' ? code : `${code}: ${detail}`, MAX_REASON);
}

/** The id of the nth checkout within its cart. */
function checkoutIdOf(count: number): string {
  return `checkout-${count}`;
}

function isUnderWay(checkoutId: string, { status, checkout }: CartState): boolean {
  return status === 'checking-out' && checkout?.checkoutId === checkoutId;
}

/**
 * How a finished checkout has ended. A sender that repeats a step must know whether it was done.
 */
function ended(checkoutId: string, { checkouts, checkout, status }: CartState): Rejection {
  const isKnown = Array.from({ length: checkouts }, (_, index) => checkoutIdOf(index + 1)).includes(
    checkoutId,
  );
  if (!isKnown) return no('CHECKOUT.NOT_FOUND', `there is no ${checkoutId}`);
  return status === 'completed' && checkout?.checkoutId === checkoutId
    ? no('CHECKOUT.COMPLETED', `${checkoutId} was completed`)
    : no('CHECKOUT.FAILED', `${checkoutId} has failed`);
}
