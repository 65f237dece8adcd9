import type { CheckoutInput } from './checkout.contract.js';
import type { SagaCommand } from '#libs/core/saga/saga.messages.js';
import { entityKind } from '#libs/core/entity.js';

export const Checkout = entityKind<SagaCommand<CheckoutInput>>('checkout');
