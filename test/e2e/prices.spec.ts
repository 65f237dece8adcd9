import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
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
