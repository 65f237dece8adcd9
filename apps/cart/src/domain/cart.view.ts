import { priceCart } from './cart.prices.js';
import type { CartState } from './cart.state.js';

/** The live state as clients see it (`cartContract.view`). */
export function presentCart(state: CartState) {
  const { isReminded: _, checkouts: __, ...shown } = state;
  return { ...shown, ...priceCart(state) };
}
