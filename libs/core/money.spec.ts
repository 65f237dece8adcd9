import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocate, shareOf } from './money.js';

const MOST = Number.MAX_SAFE_INTEGER;
const amount = fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: MOST }));

describe('a share of an amount', () => {
  it.each([
    [10_000, 1_250, 1_250],
    [1_999, 1_000, 200],
    [1, 4_999, 0],
    [1, 5_001, 1],
    [333, 10_000, 333],
    [0, 10_000, 0],
    [MOST, 10_000, MOST],
    [MOST, 5_000, 4_503_599_627_370_496],
  ])('of %d by %d basis points is %d', (of, basisPoints, share) => {
    expect(shareOf(of, basisPoints)).toBe(share);
  });

  it.each([
    [1, 0],
    [3, 2],
    [5, 2],
    [7, 4],
    [9, 4],
  ])('rounds half of %d to the even neighbour %d', (of, share) => {
    expect(shareOf(of, 5_000)).toBe(share);
  });

  it('is never further than half a unit from the exact one, and never more than the whole', () =>
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 10_000 }), (of, basisPoints) => {
        const share = shareOf(of, basisPoints);
        const off = BigInt(share) * 10_000n - BigInt(of) * BigInt(basisPoints);
        expect(off <= 5_000n && off >= -5_000n).toBe(true);
        expect(share).toBeLessThanOrEqual(of);
      }),
    ));
});

describe('an amount allocated by weights', () => {
  it.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [100, [3_333, 3_333, 3_334], [33, 33, 34]],
    [10, [0, 5, 0, 5], [0, 5, 0, 5]],
    [1, [1, 2, 2], [0, 1, 0]],
    [7, [7], [7]],
    [5, [0, 0], [0, 0]],
    [5, [], []],
  ])('%d by %j is %j', (of, weights, parts) => {
    expect(allocate(of, weights)).toEqual(parts);
  });

  it('adds up, each part within a unit of the exact one and none larger than its weight', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: Math.floor(MOST / 20) }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (weights, fraction) => {
          const sum = weights.reduce((total, weight) => total + weight, 0);
          const of = Math.floor(sum * fraction);
          const parts = allocate(of, weights);
          expect(parts.reduce((total, part) => total + part, 0)).toBe(sum === 0 ? 0 : of);
          for (const [index, part] of parts.entries()) {
            const weight = weights[index] as number;
            expect(part).toBeLessThanOrEqual(weight);
            const off = BigInt(part) * BigInt(sum) - BigInt(of) * BigInt(weight);
            expect(off < BigInt(sum || 1) && off > -BigInt(sum || 1)).toBe(true);
          }
        },
      ),
    ));
});
