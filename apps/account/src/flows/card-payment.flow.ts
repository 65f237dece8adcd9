import { withWebhooks } from '#contracts/callback/callback.kind.js';
import type { CardPaymentTypes } from '#contracts/card-payment/card-payment.kind.js';
import { callPolicy, type Flow, type FlowFunction } from '#libs/core/flow/flow.js';
import { CallRefused, FlowFailure } from '#libs/core/flow/flow.errors.js';

type Order = Pick<CardPaymentTypes['input'], 'reference' | 'amount' | 'currency' | 'card'>;
type Payment = { readonly id: string; readonly state: string };
/** `webhooks`: the name under which the provider reports the payment, if it does. */
type Charged = Payment & { readonly webhooks?: string };
type OfPayment = Pick<Payment, 'id'>;

/** How often the provider is asked, or reports, whether a payment has settled. */
const MOST_LOOKS = 30;

/** States that a provider reports once a payment is no longer being processed. */
const FINAL: readonly unknown[] = ['succeeded', 'failed', 'refunded', 'voided'];

/** How the provider is called. */
export const cardPaymentCalls = {
  'charge-card': callPolicy<Order, Charged>(),
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
  const { id, state: first, webhooks } = await charge({ reference, amount, currency, card }, f);
  f.progress({ charge: id, state: first });
  if (webhooks === undefined || first !== 'processing') {
    return settled(id, f, () => f.sleep(settleAfter, 'settle'));
  }
  const told = { provider: webhooks, key: id, message: 'PaymentChanged' } as const;
  return withWebhooks(f, told, () =>
    settled(id, f, () => f.receive('PaymentChanged', { timeout: settleAfter })),
  );
};

type Report = CardPaymentTypes['messages']['PaymentChanged'];

/**
 * Waits until the payment has settled: for a report of the provider, or until it is time to ask.
 */
async function settled(
  id: string,
  f: F,
  wait: () => Promise<{ readonly data: Report } | undefined | void>,
): Promise<CardPaymentTypes['result']> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const report = await wait();
    const reported = report?.data.callback.payload['state'];
    if (report && !FINAL.includes(reported)) continue;
    const state = reported ?? (await f.call('card-status', { id })).state;
    if (state === 'succeeded') return { charge: id, state };
    if (state === 'processing') continue;
    return { charge: id, state: await giveBack(id, f) };
  }
  throw new FlowFailure('CARD.NOT_SETTLED', 'the payment is still being processed');
}

/** Charges the card, once. What undoes it is registered first, because the reply may be lost. */
async function charge(order: Order, f: F): Promise<Charged> {
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
