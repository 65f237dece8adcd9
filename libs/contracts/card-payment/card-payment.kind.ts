import type { cardPaymentContract } from './card-payment.contract.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';

export const CardPayment = flowKind<FlowTypesOf<typeof cardPaymentContract>>('cardPayment');
