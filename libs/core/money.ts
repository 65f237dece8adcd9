const BASIS_POINTS_OF_ONE = 10_000n;

/**
 * A share of an amount in minor units, given in basis points (1,250 is 12.5 %), rounded to the
 * nearest unit, halves to even. Exact for every safe integer. Up to 10,000 basis points, the result
 * is a safe integer too.
 */
export function shareOf(amount: number, basisPoints: number): number {
  const product = BigInt(amount) * BigInt(basisPoints);
  const floor = product / BASIS_POINTS_OF_ONE;
  const twice = 2n * (product % BASIS_POINTS_OF_ONE);
  const isUp = twice > BASIS_POINTS_OF_ONE || (twice === BASIS_POINTS_OF_ONE && floor % 2n === 1n);
  return Number(isUp ? floor + 1n : floor);
}

/**
 * Splits an amount in minor units in proportion to weights, so that the parts add up to it. Each
 * part is rounded down, and the remaining units go to the largest remainders, earlier ones first
 * (Hamilton). No part exceeds its weight unless the amount exceeds their sum. A weight of 0 gets
 * nothing; if all weights are 0, every part is 0.
 */
export function allocate(amount: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  if (sum === 0n) return weights.map(() => 0);
  const parts = weights.map((weight, index) => {
    const product = BigInt(amount) * BigInt(weight);
    return { index, floor: product / sum, remainder: product % sum };
  });
  const left = BigInt(amount) - parts.reduce((total, { floor }) => total + floor, 0n);
  const ranked = parts.toSorted((a, b) => {
    if (a.remainder === b.remainder) return a.index - b.index;
    return a.remainder > b.remainder ? -1 : 1;
  });
  const roundedUp = new Set(ranked.slice(0, Number(left)).map(({ index }) => index));
  return parts.map(({ index, floor }) => Number(floor) + (roundedUp.has(index) ? 1 : 0));
}
