import type { CartEvent } from '#contracts/cart/cart.contract.js';
import type { CartTiming } from './cart.timing.js';

type DataOf<Type> = Extract<CartEvent, { type: Type }>['data'];
type Prices = Pick<DataOf<'CheckoutRequested'>, 'lines' | 'subtotal' | 'discount' | 'total' | 'couponCode'>;

/** The start of every scenario. */
const START = '2100-01-01T00:00:00.000Z';

export const timing: CartTiming = { reminderSeconds: 24 * 60 * 60, expirySeconds: 7 * 24 * 60 * 60 };

export const created: CartEvent = { type: 'CartCreated', data: { customerId: 'alice', changedAt: START } };
export const createdByGuest: CartEvent = {
  type: 'CartCreated',
  data: { guestToken: 'guest-1', changedAt: START },
};
export const assigned: CartEvent = {
  type: 'CustomerAssigned',
  data: { customerId: 'alice', changedAt: START },
};

export function added(
  sku: string,
  quantity: number,
  unitPrice: number,
  more: Partial<Pick<DataOf<'ItemAdded'>, 'previousUnitPrice' | 'changedAt'>> = {},
): CartEvent {
  return {
    type: 'ItemAdded',
    data: { sku, quantity, unitPrice, currency: 'USD', changedAt: START, ...more },
  };
}

export function changed(sku: string, quantity: number, previousQuantity: number): CartEvent {
  return { type: 'QuantityChanged', data: { sku, quantity, previousQuantity, changedAt: START } };
}

export function removed(sku: string, quantity: number): CartEvent {
  return { type: 'ItemRemoved', data: { sku, quantity, changedAt: START } };
}

export function couponApplied(
  code: string,
  worth: { basisPoints: number } | { amount: number; currency?: string },
): CartEvent {
  return { type: 'CouponApplied', data: { code, ...worth, changedAt: START } };
}

export function couponRemoved(code: string): CartEvent {
  return { type: 'CouponRemoved', data: { code, changedAt: START } };
}

export function requested(
  checkoutId: string,
  prices: Prices,
  paying: Pick<DataOf<'CheckoutRequested'>, 'accountId' | 'payment'> = { accountId: 'alice-usd' },
): CartEvent {
  const of = { customerId: 'alice', ...paying, currency: 'USD' };
  return { type: 'CheckoutRequested', data: { checkoutId, ...of, ...prices } };
}

export function completed(checkoutId: string, total: number): CartEvent {
  return { type: 'CheckoutCompleted', data: { checkoutId, total, currency: 'USD' } };
}

export function failed(checkoutId: string, changedAt = START, reason = 'no stock'): CartEvent {
  return { type: 'CheckoutFailed', data: { checkoutId, reason, changedAt } };
}

export function left(
  type: 'CartReminded' | 'CartAbandoned' | 'CartExpired',
  pieces: number,
  total: number,
): CartEvent {
  return { type, data: { pieces, total, currency: 'USD' } };
}
