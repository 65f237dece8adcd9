import type { CardPaymentTypes } from '#contracts/card-payment/card-payment.kind.js';
import { callPolicy, type Flow, type FlowFunction } from '#libs/core/flow/flow.js';
import { CallRefused, FlowFailure } from '#libs/core/flow/flow.errors.js';

type Order = Pick<CardPaymentTypes['input'], 'reference' | 'amount' | 'currency' | 'card'>;
type Payment = { readonly id: string; readonly state: string };
type OfPayment = Pick<Payment, 'id'>;

/** How often the provider is asked whether a payment has settled. */
const MOST_LOOKS = 30;

/** How the provider is called. */
export const cardPaymentCalls = {
  'charge-card': callPolicy<Order, Payment>(),
  'card-status': callPolicy<OfPayment, Payment>(),
  'refund-card': callPolicy<OfPayment, Payment>(),
  'void-card': callPolicy<OfPayment, Payment>(),
};

type F = Flow<CardPaymentTypes, typeof cardPaymentCalls>;

/**
 * Charges a card, and looks later whether the payment has settled. If it has not, or the flow is
 * cancelled before, the money is given back.
 */
export const payByCard: FlowFunction<CardPaymentTypes, typeof cardPaymentCalls> = async (
  { reference, amount, currency, card, settleAfter },
  f,
) => {
  const { id, state: first } = await charge({ reference, amount, currency, card }, f);
  f.progress({ charge: id, state: first });
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    await f.sleep(settleAfter, 'settle');
    const { state } = await f.call('card-status', { id });
    if (state === 'succeeded') return { charge: id, state };
    if (state === 'processing') continue;
    return { charge: id, state: await giveBack(id, f) };
  }
  throw new FlowFailure('CARD.NOT_SETTLED', 'the payment is still being processed');
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
