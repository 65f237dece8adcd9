import type { CartEvent } from '#contracts/cart/cart.contract.js';
import type { Effect } from '#libs/core/effect.js';
import { Checkout } from '#contracts/checkout/checkout.kind.js';
import { entity } from '#libs/core/entity-in-effects.js';
import { paidBy } from './cart.state.js';
import { checkoutSagaId } from './checkout.saga.js';

/** A requested checkout starts its saga. */
export function cartEffects(event: CartEvent, cartId: string): readonly Effect[] {
  if (event.type !== 'CheckoutRequested') return [];
  const { checkoutId, customerId, currency, lines, total } = event.data;
  return [
    {
      key: 'checkout',
      action: entity(Checkout, checkoutSagaId(cartId, checkoutId)).send({
        type: 'Start',
        data: { cartId, checkoutId, customerId, ...paidBy(event.data), currency, lines, total },
      }),
      // A saga that has started reports its end to the cart itself.
      reply: 'RefuseCheckout',
      replyOn: 'refusal',
      echo: checkoutId,
    },
  ];
}
