import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { post, request, type Reply } from '../support/account-rest.js';
import { allPages, listed } from '../support/listed.js';

const wait = { prefer: 'wait=20' };
const url = (path: string): string => `${process.env['PERDURE_URL']}${path}`;

function tell(id: string, command: string, body: object): Promise<Reply> {
  return post(url(`/v1/carts/${id}/${command}`), body, wait);
}

async function begun(customerId: string): Promise<string> {
  const reply = await post(url('/v1/carts'), { customerId }, wait);
  expect(reply.status).toBe(201);
  return String(reply.body['id']);
}

const add = (id: string, sku: string, quantity: number, unitPrice: number): Promise<Reply> =>
  tell(id, 'add-item', { sku, quantity, unitPrice, currency: 'USD' });

describe('a cart over REST', () => {
  it('is filled, discounted and checked out at the prices it showed', async () => {
    const id = await begun('alice');
    await add(id, 'cd', 2, 999);
    await add(id, 'book', 1, 1_001);
    await tell(id, 'apply-coupon', { code: 'spring', amount: 500, currency: 'USD' });
    const lines = [
      { sku: 'cd', quantity: 2, unitPrice: 999, discount: 333, total: 1_665 },
      { sku: 'book', quantity: 1, unitPrice: 1_001, discount: 167, total: 834 },
    ];
    const shown = { lines, subtotal: 2_999, discount: 500, total: 2_499 };
    expect((await request(url(`/v1/carts/${id}`))).body).toMatchObject({ id, status: 'open', ...shown });
    expect(await tell(id, 'checkout', { accountId: 'alice-usd' })).toMatchObject({
      status: 200,
      body: { events: ['CheckoutRequested'] },
    });
    const { body } = await request(url(`/v1/carts/${id}/events?limit=200`));
    const events = body['data'] as { type: string; data: object }[];
    // The saga of the checkout may have proceeded by now.
    expect(events.find(({ type }) => type === 'CheckoutRequested')).toMatchObject({
      data: { checkoutId: 'checkout-1', customerId: 'alice', accountId: 'alice-usd', ...shown },
    });
  });

  it('names what is wrong with a command', async () => {
    const id = await begun('alice');
    expect(await add(id, 'cd', 0, 999)).toMatchObject({
      status: 422,
      body: { code: 'REQUEST.INVALID_BODY', errors: [{ pointer: '/quantity' }] },
    });
    expect(await post(url('/v1/carts'), { customerId: 'a', guestToken: 'b' }, wait)).toMatchObject({
      status: 422,
    });
    expect((await tell(`cart-${randomUUID()}`, 'checkout', { accountId: 'a' })).body).toMatchObject({
      code: 'CART.NOT_CREATED',
    });
  });

  it('refuses the end of a checkout from outside', async () => {
    const id = await begun('alice');
    expect((await tell(id, 'complete-checkout', { checkoutId: 'checkout-1' })).status).toBe(404);
    expect((await tell(id, 'expire', {})).status).toBe(404);
  });
});

describe('the lists of carts', () => {
  it('show the carts of a customer, and those in a status', async () => {
    const customer = `customer-${randomUUID()}`;
    const first = await begun(customer);
    const second = await begun(customer);
    await add(first, 'cd', 2, 999);
    const added = await tell(first, 'apply-coupon', { code: 'spring', basisPoints: 1_000 });
    const given = await add(second, 'cd', 1, 999).then(() => tell(second, 'abandon', {}));
    await listed(url(`/v1/carts?customerId=${customer}`), added);
    const rows = await listed(url(`/v1/carts?customerId=${customer}`), given);
    expect(rows.map(({ id }) => id)).toEqual([first, second].sort());
    expect(rows.find(({ id }) => id === first)).toMatchObject({
      status: 'open',
      currency: 'USD',
      items: 1,
      pieces: 2,
      subtotal: 1_998,
      discount: 200,
      total: 1_798,
      revision: 2,
    });
    const abandoned = await listed(url(`/v1/carts?customerId=${customer}&status=abandoned`), given);
    expect(abandoned).toMatchObject([{ id: second, total: 999 }]);
  });

  it('show what was given up, and its value, latest first', async () => {
    const given: string[] = [];
    let last: Reply | undefined;
    for (const price of [1_000_001, 1_000_002, 1_000_003]) {
      const id = await begun('alice');
      await tell(id, 'add-item', { sku: 'cd', quantity: 1, unitPrice: price, currency: 'XTS' });
      last = await tell(id, 'abandon', { reason: 'too dear' });
      await listed(url('/v1/abandoned-carts'), last);
      given.unshift(id);
    }
    const path = '/v1/abandoned-carts?currency=XTS&minTotal=1000002';
    const rows = await listed(url(path), last as Reply);
    const mine = rows.filter(({ id }) => given.includes(String(id)));
    expect(mine).toMatchObject([
      {
        id: given[0],
        end: 'abandoned',
        customerId: 'alice',
        pieces: 1,
        total: 1_000_003,
        reason: 'too dear',
      },
      { id: given[1], total: 1_000_002 },
    ]);
    expect((await allPages(url(`${path}&limit=1`))).slice(0, rows.length)).toEqual(rows);
  });

  /** With a date that does not exist. */
  const cursor = Buffer.from('1.2026-99-99T00:00:00.000Z/x').toString('base64url');

  it.each([
    '/v1/carts?status=bought',
    '/v1/abandoned-carts?minTotal=-1',
    '/v1/abandoned-carts?cursor=MS54',
    `/v1/abandoned-carts?cursor=${cursor}`,
  ])('refuse what they cannot understand: %s', async (path) => {
    expect(await request(url(path))).toMatchObject({
      status: 400,
      body: { code: 'REQUEST.INVALID_QUERY' },
    });
  });
});
