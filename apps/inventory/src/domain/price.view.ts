import type { PriceState } from './price.state.js';

/** The live state as clients see it (`priceContract.view`). */
export function presentPrices({ prices, planned }: PriceState) {
  return { prices, planned };
}
