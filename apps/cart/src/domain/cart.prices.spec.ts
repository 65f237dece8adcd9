import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceCart, subtotalOf } from './cart.prices.js';
import type { Line } from './cart.state.js';

function line(sku: string, quantity: number, unitPrice: number): Line {
  return { sku, quantity, unitPrice };
}

describe('the price of a cart', () => {
  const lines = [line('cd', 3, 999), line('book', 1, 1_001)];
  const inDollars = { currency: 'USD' };

  it('is nothing while it is empty', () => {
    expect(priceCart({ lines: [] })).toEqual({ lines: [], subtotal: 0, discount: 0, total: 0 });
  });

  it('is the sum of its lines without a coupon', () => {
    expect(priceCart({ lines })).toMatchObject({ subtotal: 3_998, discount: 0, total: 3_998 });
  });

  it('is less a share of it, rounded half to even', () => {
    // 3,998 × 12.5 % = 499.75
    const prices = priceCart({ lines, coupon: { code: 'c', basisPoints: 1_250 } });
    expect(prices).toMatchObject({ subtotal: 3_998, discount: 500, total: 3_498 });
    expect(priceCart({ lines: [line('a', 1, 25)], coupon: { code: 'c', basisPoints: 1_000 } }).discount).toBe(
      2,
    );
    expect(priceCart({ lines: [line('a', 1, 35)], coupon: { code: 'c', basisPoints: 1_000 } }).discount).toBe(
      4,
    );
  });

  it('allocates the discount to the lines by their worth', () => {
    // 500 × 2,997 / 3,998 = 374.81… and 125.18…
    const { lines: priced } = priceCart({
      ...inDollars,
      lines,
      coupon: { code: 'c', amount: 500, ...inDollars },
    });
    expect(priced.map(({ discount, total }) => [discount, total])).toEqual([
      [375, 2_622],
      [125, 876],
    ]);
  });

  it('is never below zero', () => {
    const prices = priceCart({ ...inDollars, lines, coupon: { code: 'c', amount: 5_000, ...inDollars } });
    expect(prices).toMatchObject({ discount: 3_998, total: 0 });
    expect(prices.lines.map(({ total }) => total)).toEqual([0, 0]);
  });

  it.each([
    ['of another currency', 'USD', 'EUR'],
    ['without a currency', 'USD', undefined],
    ['in a cart without a currency', undefined, 'USD'],
  ])('takes nothing off for an amount %s', (_, currency, ofCoupon) => {
    const coupon = { code: 'c', amount: 500, ...(ofCoupon !== undefined && { currency: ofCoupon }) };
    const prices = priceCart({ lines, coupon, ...(currency !== undefined && { currency }) });
    expect(prices).toMatchObject({ discount: 0, total: 3_998 });
  });

  const someLines = fc
    .array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 999 }),
        unitPrice: fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 0, max: 2 ** 53 - 1 })),
      }),
      { maxLength: 20 },
    )
    .map((found) => found.map((one, index) => ({ sku: `sku-${index}`, ...one })))
    .filter((found) => Number.isSafeInteger(subtotalOf(found)));
  const someCoupon = fc.oneof(
    fc.integer({ min: 1, max: 10_000 }).map((basisPoints) => ({ code: 'c', basisPoints })),
    fc.integer({ min: 1, max: 100_000 }).map((amount) => ({ code: 'c', amount, ...inDollars })),
  );

  it('adds up, line by line, for any cart and coupon', () =>
    fc.assert(
      fc.property(someLines, someCoupon, (lines, coupon) => {
        const { lines: priced, subtotal, discount, total } = priceCart({ ...inDollars, lines, coupon });
        const sum = (key: 'discount' | 'total') => priced.reduce((all, one) => all + one[key], 0);
        expect(sum('discount')).toBe(discount);
        expect(sum('total')).toBe(total);
        expect(total + discount).toBe(subtotal);
        for (const one of priced) {
          expect(one.discount).toBeGreaterThanOrEqual(0);
          expect(one.total).toBeGreaterThanOrEqual(0);
          expect(one.total + one.discount).toBe(one.quantity * one.unitPrice);
        }
      }),
    ));
});
