import type { CartCommand, CartEvent } from '#contracts/cart/cart.contract.js';
import { isRejection, type Rejection } from '#libs/core/rejection.js';
import { no } from './cart-rejections.js';
import { subtotalOf } from './cart.prices.js';
import { type CartState, findLine, type Line, MAX_LINES, MAX_PIECES_OF_A_LINE } from './cart.state.js';

type Decision = readonly CartEvent[] | Rejection;
type CommandNamed<Type> = Extract<CartCommand, { type: Type }>;

export function addItem({ data, at }: CommandNamed<'AddItem'>, state: CartState): Decision {
  const { sku, quantity } = data;
  const price = priceOf(data, state);
  if (isRejection(price)) return price;
  const { unitPrice, currency } = price;
  const line = findLine(state, sku);
  if (!line && state.lines.length >= MAX_LINES)
    return no('CART.LINE_LIMIT', `the cart has ${MAX_LINES} different items`);
  const rejection = tooMuch({ sku, quantity: quantity + (line?.quantity ?? 0), unitPrice }, state);
  if (rejection) return rejection;
  const previousUnitPrice = line && line.unitPrice !== unitPrice ? line.unitPrice : undefined;
  const more = previousUnitPrice === undefined ? {} : { previousUnitPrice };
  return [{ type: 'ItemAdded', data: { sku, quantity, unitPrice, currency, ...more, changedAt: at } }];
}

interface Price {
  readonly unitPrice: number;
  readonly currency: string;
}

/** The price that the command names, else that of the price list, in the currency of the cart. */
function priceOf(
  { sku, unitPrice, currency, listed = [] }: CommandNamed<'AddItem'>['data'],
  state: CartState,
): Price | Rejection {
  const mismatch = currency === undefined ? undefined : otherCurrency(currency, state);
  if (mismatch) return mismatch;
  if (unitPrice !== undefined && currency !== undefined) return { unitPrice, currency };
  const wanted = currency ?? state.currency;
  const fitting = wanted === undefined ? listed : listed.filter((price) => price.currency === wanted);
  const [price] = fitting;
  if (!price) return no('CART.NO_PRICE', `${sku} has no price${wanted === undefined ? '' : ` in ${wanted}`}`);
  return fitting.length === 1
    ? price
    : no('CART.CURRENCY_NEEDED', `${sku} has prices in ${fitting.length} currencies`);
}

export function changeQuantity({ data, at }: CommandNamed<'ChangeQuantity'>, state: CartState): Decision {
  const line = findLine(state, data.sku);
  if (!line) return notInCart(data.sku);
  const { quantity: previousQuantity } = line;
  if (data.quantity === previousQuantity) {
    return no('LINE.SAME_QUANTITY', `the quantity of ${data.sku} is already ${previousQuantity}`);
  }
  return (
    tooMuch({ ...line, quantity: data.quantity }, state) ?? [
      { type: 'QuantityChanged', data: { ...data, previousQuantity, changedAt: at } },
    ]
  );
}

export function removeItem({ data: { sku }, at }: CommandNamed<'RemoveItem'>, state: CartState): Decision {
  const line = findLine(state, sku);
  if (!line) return notInCart(sku);
  return [{ type: 'ItemRemoved', data: { sku, quantity: line.quantity, changedAt: at } }];
}

export function applyCoupon({ data, at }: CommandNamed<'ApplyCoupon'>, state: CartState): Decision {
  if (state.coupon) return no('COUPON.APPLIED', `${state.coupon.code} is already applied`);
  if (state.lines.length === 0) return no('CART.EMPTY', 'the cart is empty');
  const mismatch = data.currency === undefined ? undefined : otherCurrency(data.currency, state);
  return mismatch ?? [{ type: 'CouponApplied', data: { ...data, changedAt: at } }];
}

export function removeCoupon(at: string, { coupon }: CartState): Decision {
  if (!coupon) return no('COUPON.NOT_FOUND', 'no coupon is applied');
  return [{ type: 'CouponRemoved', data: { code: coupon.code, changedAt: at } }];
}

function tooMuch(line: Line, { lines }: CartState): Rejection | undefined {
  if (line.quantity > MAX_PIECES_OF_A_LINE) {
    return no('LINE.QUANTITY_LIMIT', `the quantity of ${line.sku} would be ${line.quantity}`);
  }
  const others = lines.filter(({ sku }) => sku !== line.sku);
  return Number.isSafeInteger(subtotalOf([...others, line]))
    ? undefined
    : no('CART.TOTAL_LIMIT', `the total may be at most ${Number.MAX_SAFE_INTEGER}`);
}

function otherCurrency(currency: string, state: CartState): Rejection | undefined {
  return state.currency !== undefined && currency !== state.currency
    ? no('CART.CURRENCY_MISMATCH', `the currency of the cart is ${state.currency}`)
    : undefined;
}

function notInCart(sku: string): Rejection {
  return no('LINE.NOT_FOUND', `${sku} is not in the cart`);
}
