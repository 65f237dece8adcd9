import type { CheckoutInput } from '#contracts/checkout/checkout.contract.js';
import type { SagaCommand } from '#libs/saga/saga.messages.js';
import { entityKind } from './entity.js';

export const Checkout = entityKind<SagaCommand<CheckoutInput>>('checkout');
