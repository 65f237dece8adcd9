import type { cardPaymentContract } from './card-payment.contract.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';

/** What a card payment takes, reports and returns. */
export type CardPaymentTypes = FlowTypesOf<typeof cardPaymentContract>;

export const CardPayment = flowKind<CardPaymentTypes>('cardPayment');
