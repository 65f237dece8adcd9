import { describe, expect, it } from '@jest/globals';
import { eventually, post, read, request } from '../support/account-rest.js';
import { done, ended, PRICE, sagaOf, type Shop, shop, url, wait } from '../support/shop.js';

const TOTAL = 5 * PRICE;

/** After this time without a webhook, the provider is asked. */
const ASKED_AFTER_MILLISECONDS = 60_000;

async function checkedOut(card: string): Promise<Shop> {
  const of = await shop();
  const payment = { method: 'card', card };
  await done(post(url(`/v1/carts/${of.cart}/checkout`), { payment }, wait));
  return of;
}

const atProvider = ({ cart }: Shop) => `${process.env['CARD_PROVIDER_URL']}/payments/${cart}%3Acheckout-1`;

/** The payment as the provider has it, under the id of the saga. */
async function paymentOf(of: Shop) {
  return (await read(atProvider(of))).body;
}

/** The flow of one of its operations, once it is so. */
async function operation({ cart }: Shop, name: string, isSo: (flow: Record<string, unknown>) => boolean) {
  const address = url(`/v1/flows/card-operation/${cart}:checkout-1:${name}`);
  const { body } = await eventually(
    () => request(address),
    ({ body: flow }) => isSo(flow),
  );
  return body;
}

const stepsOf = (body: Record<string, unknown>) =>
  (body['steps'] ?? []) as readonly Record<string, unknown>[];

/** The saga, once a step is in this state. */
function untilStep(of: Shop, name: string, status: string) {
  return eventually(
    () => sagaOf(of),
    ({ body }) => stepsOf(body).some((step) => step['name'] === name && step['status'] === status),
  );
}

describe('a checkout by card', () => {
  it('is bought, and charged once, whatever becomes of the provider’s replies', async () => {
    const cards = ['tok_visa', 'tok_lost_reply', 'tok_unavailable', 'tok_slow_200'];
    const bought = cards.map(async (card) => {
      const of = await checkedOut(card);
      expect((await ended(of)).body).toMatchObject({ status: 'completed', input: { payment: { card } } });
      expect(await paymentOf(of)).toMatchObject({ state: 'succeeded', charged: TOTAL });
      const cart = await request(url(`/v1/carts/${of.cart}`));
      expect(cart.body).toMatchObject({ status: 'completed', checkout: { payment: { method: 'card' } } });
    });
    await Promise.all(bought);
  });

  it('whose holder has to confirm it continues with the webhook, long before the provider is asked', async () => {
    const of = await checkedOut('tok_requires_action');
    const waits = (flow: Record<string, unknown>) =>
      JSON.stringify(flow['waits'] ?? []).includes('PaymentChanged');
    await operation(of, 'authorise', waits);
    const confirmed = Date.now();
    await done(post(`${atProvider(of)}/confirm`, {}, { 'idempotency-key': 'confirm' }));
    const authorised = await operation(of, 'authorise', ({ endedAt }) => endedAt !== undefined);
    expect(authorised).toMatchObject({ status: 'completed', result: { state: 'authorised' } });
    expect(Date.now() - confirmed).toBeLessThan(ASKED_AFTER_MILLISECONDS / 2);
    expect((await ended(of)).body).toMatchObject({ status: 'completed' });
    await eventually(
      () => read(url(`/v1/callbacks/card:${of.cart}:checkout-1/events`)),
      ({ body }) => JSON.stringify(body).includes('CallbackClaimed'),
    );
  });

  it('that is declined opens the cart again, and says why', async () => {
    const of = await checkedOut('tok_declined');
    expect((await ended(of)).body).toMatchObject({
      status: 'compensated',
      cause: { code: 'CARD.DECLINED' },
    });
    const cart = await request(url(`/v1/carts/${of.cart}`));
    expect(cart.body).toMatchObject({ status: 'open' });
    expect(JSON.stringify(cart.body['lastFailure'])).toContain('CARD.DECLINED');
  });

  it('that is cancelled while the cardholder has to confirm it holds nothing any more', async () => {
    const of = await checkedOut('tok_requires_action');
    await eventually(
      () => paymentOf(of),
      (payment) => payment['state'] === 'requires_action',
    );
    const saga = url(`/v1/checkouts/${of.cart}:checkout-1`);
    await done(post(`${saga}/cancel`, { reason: 'changed my mind' }, wait));
    expect((await ended(of)).body).toMatchObject({ status: 'compensated' });
    expect(await paymentOf(of)).toMatchObject({ state: 'voided', charged: 0 });
  });

  it('whose capture is refused waits for an operator, who has done it by hand', async () => {
    const of = await checkedOut('tok_capture_declined');
    await untilStep(of, 'capture', 'stuck');
    const saga = url(`/v1/checkouts/${of.cart}:checkout-1`);
    await done(post(`${saga}/retry-step`, { step: 'capture' }, wait));
    const flow = await operation(of, 'capture:2', ({ status }) => status === 'failed');
    expect(flow).toMatchObject({ failure: { code: 'CARD.CAPTURE_DECLINED' } });
    await untilStep(of, 'capture', 'stuck');
    await done(post(`${saga}/resolve-step`, { step: 'capture', note: 'paid in cash' }, wait));
    expect((await ended(of)).body).toMatchObject({ status: 'completed' });
  });
});
