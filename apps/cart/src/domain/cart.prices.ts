import { allocate, shareOf } from '#libs/core/money.js';
import type { Coupon, Line } from './cart.state.js';

/**
 * A line with its share of the discount. The shares add up exactly, so that each item can be
 * refunded separately.
 */
interface PricedLine extends Line {
  readonly discount: number;
  readonly total: number;
}

export interface Prices {
  readonly lines: PricedLine[];
  readonly subtotal: number;
  readonly discount: number;
  readonly total: number;
}

interface Priceable {
  readonly lines: readonly Line[];
  readonly currency?: string;
  readonly coupon?: Coupon;
}

/** The price of the cart, in minor units of its currency. */
export function priceCart({ lines, currency, coupon }: Priceable): Prices {
  const subtotal = subtotalOf(lines);
  const counted = coupon && fits(coupon, currency) ? coupon : undefined;
  const discount = Math.min(subtotal, discountOf(subtotal, counted));
  const parts = allocate(discount, lines.map(worthOf));
  const priced = lines.map((line, index) => {
    const part = parts[index] ?? 0;
    return { ...line, discount: part, total: worthOf(line) - part };
  });
  return { lines: priced, subtotal, discount, total: subtotal - discount };
}

/**
 * Whether a coupon applies to a cart: a percentage always does, an amount only in its own currency.
 */
export function fits(coupon: Coupon, currency: string | undefined): boolean {
  return coupon.amount === undefined || coupon.currency === currency;
}

/** Exact up to 2^53 − 1, and greater than that if the exact sum is. */
export function subtotalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + worthOf(line), 0);
}

function worthOf({ quantity, unitPrice }: Line): number {
  return quantity * unitPrice;
}

function discountOf(subtotal: number, coupon: Coupon | undefined): number {
  if (!coupon) return 0;
  const { basisPoints, amount = 0 } = coupon;
  return basisPoints === undefined ? amount : shareOf(subtotal, basisPoints);
}
