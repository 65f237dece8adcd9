import type { CartCommand, CartEvent } from '#contracts/cart/cart.contract.js';
import type { Decider, Folding } from '#libs/core/decider.js';
import { cartDeadline } from './cart.deadlines.js';
import { decideCart } from './cart.decide.js';
import { cartEffects } from './cart.effects.js';
import { evolveCart } from './cart.evolve.js';
import { type CartState, initialCart } from './cart.state.js';
import type { CartTiming } from './cart.timing.js';

/** The part of the decider that no setting changes. */
export const cartFolding: Folding<CartState, CartEvent> = {
  name: 'cart',
  stateVersion: 2,
  initialState: initialCart,
  evolve: evolveCart,
};

export function createCartDecider(timing: CartTiming): Decider<CartState, CartCommand, CartEvent> {
  return {
    ...cartFolding,
    decide: (command, state) => decideCart(command, state, timing),
    deadline: (state) => cartDeadline(state, timing),
    isEnded: ({ status }) => status === 'completed' || status === 'abandoned' || status === 'expired',
    owner: ({ customerId, guestToken }) => customerId ?? guestToken,
    react: (event, _state, cartId) => cartEffects(event, cartId),
  };
}
