import { randomUUID } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { post, request, type Reply } from '../support/account-rest.js';

jest.setTimeout(60_000);

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
    await tell(id, 'apply-coupon', { code: 'spring', amount: 500 });
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
    expect(await add(id, 'cd', 1, 999)).toMatchObject({ status: 409, body: { code: 'CART.CHECKING_OUT' } });
    const { body } = await request(url(`/v1/carts/${id}/events?limit=200`));
    const requested = (body['data'] as { type: string; data: object }[]).at(-1);
    expect(requested).toMatchObject({
      type: 'CheckoutRequested',
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

  it('takes the end of a checkout from nobody outside', async () => {
    const id = await begun('alice');
    expect((await tell(id, 'complete-checkout', { checkoutId: 'checkout-1' })).status).toBe(404);
    expect((await tell(id, 'expire', {})).status).toBe(404);
  });
});
