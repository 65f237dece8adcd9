import type { CartEvent } from '#contracts/cart/cart.contract.js';
import { type CartState, findLine, type Line, paidBy } from './cart.state.js';

type DataOf<Type> = Extract<CartEvent, { type: Type }>['data'];

export function evolveCart(state: CartState, event: CartEvent): CartState {
  const after = evolve(state, event);
  return 'changedAt' in event.data ? { ...after, changedAt: event.data.changedAt, isReminded: false } : after;
}

function evolve(state: CartState, event: CartEvent): CartState {
  switch (event.type) {
    case 'CartCreated': {
      const { changedAt: _, ...owner } = event.data;
      return { ...state, status: 'open', ...owner };
    }
    case 'CustomerAssigned':
      return { ...state, customerId: event.data.customerId };
    case 'ItemAdded':
      return addItem(state, event.data);
    case 'QuantityChanged':
      return setLine(state, event.data.sku, { quantity: event.data.quantity });
    case 'ItemRemoved':
      return removeItem(state, event.data.sku);
    case 'CouponApplied':
      return applyCoupon(state, event.data);
    case 'CouponRemoved': {
      const { coupon: _, ...rest } = state;
      return rest;
    }
    case 'CheckoutRequested': {
      const { checkoutId, total } = event.data;
      const checkout = { checkoutId, ...paidBy(event.data), total };
      return { ...state, status: 'checking-out', checkout, checkouts: state.checkouts + 1 };
    }
    case 'CheckoutCompleted':
      return { ...state, status: 'completed' };
    case 'CheckoutFailed':
      return failCheckout(state, event.data);
    case 'CartReminded':
      return { ...state, isReminded: true };
    case 'CartAbandoned':
      return { ...state, status: 'abandoned' };
    case 'CartExpired':
      return { ...state, status: 'expired' };
    default:
      return unchanged(state, event);
  }
}

function addItem(state: CartState, { sku, quantity, unitPrice, currency }: DataOf<'ItemAdded'>): CartState {
  const line = findLine(state, sku);
  if (line) return setLine(state, sku, { quantity: line.quantity + quantity, unitPrice });
  return { ...state, currency, lines: [...state.lines, { sku, quantity, unitPrice }] };
}

/** A cart that was emptied has no currency. The next item sets it. */
function removeItem(state: CartState, removed: string): CartState {
  const lines = state.lines.filter(({ sku }) => sku !== removed);
  if (lines.length > 0) return { ...state, lines };
  const { currency: _, ...rest } = state;
  return { ...rest, lines };
}

/** An amount without a currency in the event is in the currency that the cart had at that time. */
function applyCoupon(state: CartState, data: DataOf<'CouponApplied'>): CartState {
  const { changedAt: _, ...coupon } = data;
  const currency = coupon.amount === undefined ? undefined : (coupon.currency ?? state.currency);
  return { ...state, coupon: { ...coupon, ...(currency !== undefined && { currency }) } };
}

function setLine(state: CartState, sku: string, change: Partial<Line>): CartState {
  return { ...state, lines: state.lines.map((line) => (line.sku === sku ? { ...line, ...change } : line)) };
}

function failCheckout(
  state: CartState,
  { checkoutId, reason, changedAt: failedAt }: DataOf<'CheckoutFailed'>,
): CartState {
  const { checkout: _, ...rest } = state;
  return { ...rest, status: 'open', lastFailure: { checkoutId, reason, failedAt } };
}

/** An event of a later version of this program. */
function unchanged(state: CartState, _event: never): CartState {
  return state;
}
