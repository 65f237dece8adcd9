import { cartContract } from '#contracts/cart/cart.contract.js';
import { cartReminderContract } from '#contracts/cart-reminder/cart-reminder.contract.js';
import { checkoutContract } from '#contracts/checkout/checkout.contract.js';
import { mailCalls } from '#libs/entity/activities/mail-calls.js';
import { fulfilmentContract } from '#contracts/fulfilment/fulfilment.contract.js';
import { hostFlow } from '#libs/operations/flows/host-flow.js';
import { hostSaga } from '#libs/operations/sagas/host-saga.js';
import type { Service } from '#libs/service/service.js';
import { fulfilmentCalls } from './activities/fulfilment.calls.js';
import { listPrices } from './api/list-prices.js';
import type { CartConfig } from './cart.config.js';
import { createCartDecider } from './domain/cart.decider.js';
import { presentCart } from './domain/cart.view.js';
import { createCheckoutDecider } from './domain/checkout.saga.js';
import { abandonedCartsView } from './read-model/abandoned-carts/abandoned-carts.projection.js';
import { abandonedCartList } from './read-model/abandoned-carts/abandoned-carts.queries.js';
import { cartsView } from './read-model/carts/carts.projection.js';
import { cartList } from './read-model/carts/carts.queries.js';

/** The cart service: carts, checkouts, their fulfilment, and reminders of abandoned carts. */
export function cartService(config: CartConfig): Service {
  const decider = createCartDecider({
    reminderSeconds: config.CART_REMINDER_SECONDS,
    expirySeconds: config.CART_EXPIRY_SECONDS,
  });
  const checkout = createCheckoutDecider({
    patienceSeconds: config.CHECKOUT_PATIENCE_SECONDS,
    overdueSeconds: config.SAGA_OVERDUE_SECONDS,
    fulfilmentSeconds: config.FULFILMENT_SECONDS,
  });
  return {
    name: 'cart',
    entities: [
      {
        contract: cartContract,
        decider,
        present: presentCart,
        complete: { AddItem: listPrices },
        views: [cartsView, abandonedCartsView],
        reads: [cartList, abandonedCartList],
      },
      hostSaga(checkoutContract, checkout),
      hostFlow(cartReminderContract),
      hostFlow(fulfilmentContract),
    ],
    calls: { ...fulfilmentCalls(config.FULFILMENT_URL), ...mailCalls(config.MAIL_URL, config.MAIL_FROM) },
    usesCallbackSecret: true,
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}
