import { CardPayment } from '#contracts/card-payment/card-payment.kind.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { cardPaymentCalls, payByCard } from '../flows/card-payment.flow.js';

export const cardPayment = flow(CardPayment, payByCard, { calls: cardPaymentCalls });
