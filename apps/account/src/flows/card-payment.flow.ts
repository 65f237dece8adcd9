import type { CardPaymentTypes } from '#contracts/card-payment/card-payment.kind.js';
import { callPolicy, type Flow, type FlowFunction } from '#libs/core/flow/flow.js';
import { CallRefused } from '#libs/core/flow/flow.errors.js';
import { FINAL, type OfPayment, type Payment, whenSettled } from './pending-payment.js';

type Order = Pick<CardPaymentTypes['input'], 'reference' | 'amount' | 'currency' | 'card'>;

/** How often the provider is asked, or reports, whether a payment has settled. */
const MOST_LOOKS = 30;

const PROCESSING = 'processing';

/** How the provider is called. */
export const cardPaymentCalls = {
  'charge-card': callPolicy<Order, Payment>(),
  'card-status': callPolicy<OfPayment, Payment>(),
  'refund-card': callPolicy<OfPayment, Payment>(),
  'void-card': callPolicy<OfPayment, Payment>(),
};

type F = Flow<CardPaymentTypes, typeof cardPaymentCalls>;

/**
 * Charges a card. While the payment is being processed, the provider reports its state by a
 * webhook, if it sends any; else it is asked. If the payment does not succeed, or the flow is
 * cancelled before, the money is given back.
 */
export const payByCard: FlowFunction<CardPaymentTypes, typeof cardPaymentCalls> = async (
  { reference, amount, currency, card, settleAfter },
  f,
) => {
  const charged = await charge({ reference, amount, currency, card }, f);
  const { id, state: first } = charged;
  f.progress({ charge: id, state: first });
  const waiting = { pauses: [settleAfter], mostLooks: MOST_LOOKS, pending: [PROCESSING], ends: FINAL };
  return whenSettled(f, first === PROCESSING ? charged : { id, state: first }, waiting, async (state) =>
    state === 'succeeded' ? { charge: id, state } : { charge: id, state: await giveBack(id, f) },
  );
};

/** Charges the card, once. What undoes it is registered first, because the reply may be lost. */
async function charge(order: Order, f: F): Promise<Payment> {
  const key = f.uuid();
  f.compensate('charge', async (f) => {
    // Under the same key, the provider answers with the payment that it has already made.
    const { id } = await f.call('charge-card', order, { key });
    await giveBack(id, f);
  });
  try {
    return await f.call('charge-card', order, { key });
  } catch (error) {
    if (error instanceof CallRefused) f.commit(); // nothing was charged
    throw error;
  }
}

async function giveBack(id: string, f: F): Promise<'refunded' | 'failed'> {
  const { state } = await f.call('card-status', { id });
  const isTaken = state === 'succeeded' || state === 'failed';
  if (isTaken) await f.call('refund-card', { id });
  else if (state !== 'refunded' && state !== 'voided') await f.call('void-card', { id });
  return isTaken ? 'refunded' : 'failed';
}
