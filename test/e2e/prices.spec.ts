import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { commandsTopic } from '#contracts/entity-contract.js';
import { authorized } from '#libs/testing/authorized.js';
import { brokers } from '../integration/read-path-kit.js';
import { eventually, post, read, request, type Reply } from '../support/account-rest.js';
import { allPages, listed } from '../support/listed.js';
import { done, url, wait } from '../support/shop.js';

const skuOf = (name: string): string => `${name}-${randomUUID()}`;

function tell(sku: string, command: string, body: object): Promise<Reply> {
  return post(url(`/v1/prices/${sku}/${command}`), body, wait);
}

const set = (sku: string, unitPrice: number, more: object = {}): Promise<Reply> =>
  done(tell(sku, 'set-price', { unitPrice, currency: 'EUR', ...more }));

describe('a price list over REST', () => {
  it('shows the valid price in each currency, and those that are planned', async () => {
    const sku = skuOf('cd');
    expect((await request(url(`/v1/prices/${sku}`))).status).toBe(404);
    await set(sku, 999);
    await set(sku, 1_099, { currency: 'USD' });
    await set(sku, 899);
    await set(sku, 799, { validFrom: '2035-01-01T00:00:00Z' });
    const last = await set(sku, 999, { validFrom: '2035-01-03T00:00:00Z' });
    expect((await read(url(`/v1/prices/${sku}`))).body).toMatchObject({
      id: sku,
      revision: 4,
      prices: [
        { currency: 'USD', unitPrice: 1_099 },
        { currency: 'EUR', unitPrice: 899 },
      ],
      planned: [
        { currency: 'EUR', unitPrice: 799, validFrom: '2035-01-01T00:00:00.000Z' },
        { currency: 'EUR', unitPrice: 999, validFrom: '2035-01-03T00:00:00.000Z' },
      ],
    });
    expect(await listed(url(`/v1/prices?sku=${sku}`), last)).toMatchObject([
      { sku, currency: 'EUR', unitPrice: 999, status: 'replaced' },
      { currency: 'EUR', unitPrice: 899, status: 'valid' },
      { currency: 'EUR', unitPrice: 799, status: 'planned' },
      { currency: 'EUR', unitPrice: 999, status: 'planned' },
      { currency: 'USD', unitPrice: 1_099, status: 'valid' },
    ]);
    const valid = await allPages(url(`/v1/prices?sku=${sku}&status=valid&currency=EUR`));
    expect(valid).toMatchObject([{ unitPrice: 899 }]);
  });

  it('begins and ends by itself', async () => {
    const sku = skuOf('cd');
    const at = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();
    await set(sku, 999);
    await set(sku, 799, { validFrom: at(2), validUntil: at(3) });
    const after = await eventually(
      () => read(url(`/v1/prices/${sku}`)),
      ({ body }) => body['revision'] === 3,
    );
    expect(after.body).toMatchObject({ prices: [], planned: [] });
    const past = await eventually(
      () => request(url(`/v1/prices?sku=${sku}&status=ended`)),
      ({ body }) => (body['data'] as unknown[]).length > 0,
    );
    expect(past.body).toMatchObject({ data: [{ unitPrice: 799, endedAt: expect.any(String) }] });
  });

  it('names what is wrong with a command', async () => {
    const sku = skuOf('cd');
    const price = { unitPrice: 999, currency: 'EUR' };
    expect(await tell(sku, 'set-price', { ...price, validFrom: '2020-01-01T00:00:00Z' })).toMatchObject({
      status: 422,
      body: { code: 'PRICE.PERIOD_INVALID' },
    });
    expect(await tell(sku, 'set-price', { ...price, unitPrice: -1 })).toMatchObject({
      status: 422,
      body: { code: 'REQUEST.INVALID_BODY', errors: [{ pointer: '/unitPrice' }] },
    });
    expect(await tell(sku, 'withdraw-price', { currency: 'EUR' })).toMatchObject({
      status: 404,
      body: { code: 'PRICE.NOT_FOUND' },
    });
    expect((await tell(sku, 'begin-price', price)).status).toBe(404);
    expect((await request(url('/v1/prices?status=bought'))).status).toBe(400);
  });
});

describe('an item that is added to a cart', () => {
  const cart = async (): Promise<string> => {
    const reply = await done(post(url('/v1/carts'), { customerId: 'alice' }, wait));
    return String(reply.body['id']);
  };
  const add = (id: string, body: object, headers: Record<string, string> = {}): Promise<Reply> =>
    post(url(`/v1/carts/${id}/add-item`), { quantity: 1, ...body }, { ...wait, ...headers });
  const linesOf = async (id: string) => (await read(url(`/v1/carts/${id}`))).body['lines'];

  it('has the price of the price list, in the currency of the cart', async () => {
    const [cd, book] = [skuOf('cd'), skuOf('book')];
    await set(cd, 999);
    await set(book, 1_001);
    await set(book, 1_099, { currency: 'USD' });
    const id = await cart();
    expect(await add(id, { sku: book })).toMatchObject({
      status: 422,
      body: { code: 'CART.CURRENCY_NEEDED' },
    });
    await done(add(id, { sku: cd }));
    await done(add(id, { sku: book }));
    expect(await linesOf(id)).toMatchObject([{ unitPrice: 999 }, { unitPrice: 1_001 }]);
    expect(await add(id, { sku: skuOf('none') })).toMatchObject({
      status: 409,
      body: { code: 'CART.NO_PRICE', commandId: expect.any(String) },
    });
    expect((await add(id, { sku: cd, unitPrice: 5 })).status).toBe(422);
    expect((await add(id, { sku: cd, listed: [{ unitPrice: 5, currency: 'EUR' }] })).status).toBe(422);
  });

  it('has it too when the command comes from Kafka', async () => {
    const sku = skuOf('cd');
    await set(sku, 999);
    const id = await cart();
    const producer = new Kafka({ brokers: brokers(), logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    const value = JSON.stringify({ sku, quantity: 2 });
    const headers = { ...authorized(), ce_type: 'AddItem', ce_id: randomUUID() };
    await producer.send({ topic: commandsTopic('cart'), messages: [{ key: id, value, headers }], acks: -1 });
    await producer.disconnect();
    const lines = await eventually(
      () => linesOf(id),
      (found) => (found as unknown[]).length > 0,
    );
    expect(lines).toMatchObject([{ sku, quantity: 2, unitPrice: 999 }]);
  });

  it('keeps its price when the command is repeated after the price has changed', async () => {
    const [sku, other] = [skuOf('cd'), skuOf('other')];
    const id = await cart();
    const key = { 'idempotency-key': randomUUID() };
    await set(sku, 999);
    const first = await done(add(id, { sku }, key));
    await set(sku, 899);
    const again = await done(add(id, { sku }, key));
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body['commandId']).toBe(first.body['commandId']);
    expect(await linesOf(id)).toMatchObject([{ quantity: 1, unitPrice: 999 }]);
    expect(await add(id, { sku: other }, key)).toMatchObject({ body: { code: 'IDEMPOTENCY.KEY_REUSED' } });
  });
});
