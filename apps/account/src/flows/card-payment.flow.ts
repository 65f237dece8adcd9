import type { CardPaymentTypes } from '#contracts/card-payment/card-payment.kind.js';
import { callPolicy, type FlowFunction } from '#libs/core/flow/flow.js';

type Order = Pick<CardPaymentTypes['input'], 'reference' | 'amount' | 'currency' | 'card'>;
type Payment = { readonly id: string; readonly state: string };
type OfPayment = Pick<Payment, 'id'>;

/** How the provider is called. */
export const cardPaymentCalls = {
  'charge-card': callPolicy<Order, Payment>(),
  'card-status': callPolicy<OfPayment, Payment>(),
  'refund-card': callPolicy<OfPayment, Payment>(),
};

/**
 * Charges a card, and refunds the charge if it has not succeeded when it should have settled, or if
 * the payment is cancelled before.
 */
export const payByCard: FlowFunction<CardPaymentTypes, typeof cardPaymentCalls> = async (
  { reference, amount, currency, card, settleAfter },
  f,
) => {
  const { id, state } = await f.call('charge-card', { reference, amount, currency, card });
  f.compensate('refund', (f) => f.call('refund-card', { id }));
  f.progress({ charge: id, state });
  await f.sleep(settleAfter, 'settle');
  const settled = await f.call('card-status', { id });
  if (settled.state === 'succeeded') return { charge: id, state: 'succeeded' };
  await f.call('refund-card', { id });
  return { charge: id, state: 'refunded' };
};
