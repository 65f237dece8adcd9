import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import { streamName } from '#libs/core/entity-id.js';
import type { Outcome } from '#libs/core/outcome.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { DAY, HOUR, MINUTE } from '#libs/testing/moments.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { createCartDecider } from '../../apps/cart/src/domain/cart.decider.js';
import { timing } from '../../apps/cart/src/domain/cart.fixture.js';
import { until } from './account-driver.js';

const { react: _, ...decider } = createCartDecider(timing);
const workflowBundle = resolve('dist/apps/cart/workflows.bundle.js');
const server = new TimeSkippingServer({ deciders: [decider], workflowBundle });
beforeAll(() => server.open());
afterAll(() => server.close());

let stream: string;
beforeEach(async () => {
  stream = streamName('cart', randomUUID());
  await tell('Create', { customerId: 'alice' });
  await tell('AddItem', { sku: 'cd', quantity: 2, unitPrice: 999, currency: 'USD' });
});

async function tell(type: string, data: Record<string, string | number>): Promise<Outcome> {
  const command = { type, data, at: await server.moment() };
  const outcome = onlyReceipt(
    await server.gateway.execute(stream, [envelopeOf(command, randomUUID())], 20_000),
  );
  if (outcome.status === 'pending') throw new Error(`${type} was not decided in time`);
  return outcome;
}

const skip = (seconds: number) => server.skip(seconds * 1_000);
const written = () => server.store.eventsOf(stream).map(({ type }) => type);
const untilWritten = (type: string) =>
  until(
    async () => written(),
    (types) => types.at(-1) === type,
  );

describe('a cart that is left alone', () => {
  it('is announced once after a day, and ends after seven', async () => {
    await skip(DAY - MINUTE);
    expect(written()).toEqual(['CartCreated', 'ItemAdded']);
    await skip(2 * MINUTE);
    await untilWritten('CartReminded');
    await skip(6 * DAY - HOUR);
    expect(written()).toEqual(['CartCreated', 'ItemAdded', 'CartReminded']);
    await skip(2 * HOUR);
    await untilWritten('CartExpired');
    await skip(30 * DAY);
    expect(written()).toEqual(['CartCreated', 'ItemAdded', 'CartReminded', 'CartExpired']);
    expect(await tell('RemoveItem', { sku: 'cd' })).toMatchObject({ code: 'CART.EXPIRED' });
  });

  it('starts to count again with each change, and stops while it is checked out', async () => {
    await skip(DAY - MINUTE);
    await tell('ChangeQuantity', { sku: 'cd', quantity: 3 });
    await skip(DAY - MINUTE);
    await tell('Checkout', { accountId: 'alice-usd' });
    await skip(30 * DAY);
    await tell('FailCheckout', { checkoutId: 'checkout-1', reason: 'no stock' });
    await skip(DAY - MINUTE);
    expect(written().slice(2)).toEqual(['QuantityChanged', 'CheckoutRequested', 'CheckoutFailed']);
    await skip(2 * MINUTE);
    await untilWritten('CartReminded');
  });
});
