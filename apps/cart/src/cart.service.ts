import { cartContract } from '#contracts/cart/cart.contract.js';
import type { Service } from '#libs/service/service.js';
import type { CartConfig } from './cart.config.js';
import { createCartDecider } from './domain/cart.decider.js';
import { presentCart } from './domain/cart.view.js';

/** What makes the cart's service. */
export function cartService(config: CartConfig): Service {
  const decider = createCartDecider({
    reminderSeconds: config.CART_REMINDER_SECONDS,
    expirySeconds: config.CART_EXPIRY_SECONDS,
  });
  return {
    name: 'cart',
    entities: [{ contract: cartContract, decider, present: presentCart, views: [], reads: [] }],
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
