import { describe, expect, it } from '@jest/globals';
import { eventually, post, read } from '../support/account-rest.js';
import { listed } from '../support/listed.js';
import {
  admit,
  checkOut,
  done,
  ended,
  fulfilling,
  PRICE,
  type Shop,
  shop,
  url,
  wait,
} from '../support/shop.js';

async function expectUntouched({ account, skus, cart }: Shop, money = 10_000, stock = 10): Promise<void> {
  const open = await eventually(
    () => read(url(`/v1/carts/${cart}`)),
    ({ body }) => body['status'] === 'open',
  );
  expect(open.body).toMatchObject({ status: 'open' });
  expect((await read(url(`/v1/accounts/${account}`))).body).toMatchObject({ balance: money, held: 0 });
  for (const sku of skus) {
    expect((await read(url(`/v1/inventory/${sku}`))).body).toMatchObject({ onHand: stock, reserved: 0 });
  }
}

async function expectSold({ account, skus, cart }: Shop): Promise<void> {
  const sold = await eventually(
    () => read(url(`/v1/carts/${cart}`)),
    ({ body }) => body['status'] === 'completed',
  );
  expect(sold.body).toMatchObject({ status: 'completed' });
  expect((await read(url(`/v1/accounts/${account}`))).body).toMatchObject({
    balance: 10_000 - 5 * PRICE,
    held: 0,
  });
  for (const [index, sku] of skus.entries()) {
    expect((await read(url(`/v1/inventory/${sku}`))).body).toMatchObject({
      onHand: 8 - index,
      reserved: 0,
    });
  }
  const order = await fetch(`${process.env['FULFILMENT_URL']}/orders/${cart}:checkout-1`);
  expect(await order.json()).toMatchObject({ status: 'taken' });
}

describe('a checkout', () => {
  it('reserves, holds, confirms, fulfils and captures', async () => {
    const bought = await shop();
    await checkOut(bought);
    const { body } = await ended(bought);
    expect(body).toMatchObject({ status: 'completed' });
    const steps = (body['steps'] as { name: string; status: string }[]).map(({ name, status }) => [
      name,
      status,
    ]);
    expect(steps).toEqual(
      [
        'cart',
        'reserve-1',
        'reserve-2',
        'hold',
        'confirm-1',
        'confirm-2',
        'fulfil',
        'capture',
        'complete',
      ].map((name) => [name, 'done']),
    );
    await expectSold(bought);
  });

  it('lets bought goods be returned once it has ended, and only once', async () => {
    const bought = await shop({ customer: 'held' });
    const [sku] = bought.skus;
    const back = () =>
      post(
        url(`/v1/inventory/${sku}/return-reservation`),
        { reservationId: `${bought.cart}:checkout-1` },
        wait,
      );
    await checkOut(bought);
    await fulfilling(bought);
    expect(await back()).toMatchObject({ status: 409, body: { code: 'RESERVATION.OWNED' } });
    const item = async () => (await read(url(`/v1/inventory/${sku}`))).body;
    expect(await item()).toMatchObject({ onHand: 8, sold: 2 });
    await admit(bought);
    await ended(bought);
    const returned = await done(back());
    expect(await back()).toMatchObject({ status: 409, body: { code: 'RESERVATION.RETURNED' } });
    expect(await item()).toMatchObject({ onHand: 10, reserved: 0, sold: 0 });
    const day = new Date().toISOString().slice(0, 10);
    const sellers = await listed(url(`/v1/best-sellers?day=${day}`), returned);
    expect(sellers.map((seller) => seller['sku'])).not.toContain(sku);
    const [other] = bought.skus.slice(1);
    expect(sellers).toContainEqual({ day, sku: other, sold: 3, returned: 0 });
  });

  it('needs no account when there is nothing to pay', async () => {
    const bought = await shop();
    const coupon = { code: 'all-of-it', basisPoints: 10_000 };
    await done(post(url(`/v1/carts/${bought.cart}/apply-coupon`), coupon, wait));
    await checkOut({ ...bought, account: `nobody-${bought.account}` });
    const { body } = await ended(bought);
    expect(body).toMatchObject({ status: 'completed' });
    const steps = (body['steps'] as { name: string }[]).map(({ name }) => name);
    expect(steps).toEqual(['cart', 'reserve-1', 'reserve-2', 'confirm-1', 'confirm-2', 'fulfil', 'complete']);
    expect((await read(url(`/v1/inventory/${bought.skus[0]}`))).body).toMatchObject({ onHand: 8 });
  });

  it('continues when fulfilment is slow, or fails at first', async () => {
    for (const customer of ['slow', 'flaky']) {
      const bought = await shop({ customer });
      await checkOut(bought);
      expect((await ended(bought)).body).toMatchObject({ status: 'completed' });
      await expectSold(bought);
    }
  });

  it('gives the cart back open when an item is lacking, and can be tried again', async () => {
    const lacking = await shop({ stock: 2 });
    await checkOut(lacking);
    expect((await ended(lacking)).body).toMatchObject({
      status: 'compensated',
      cause: { code: 'STOCK.INSUFFICIENT' },
    });
    await expectUntouched(lacking, 10_000, 2);
    for (const sku of lacking.skus) {
      await done(post(url(`/v1/inventory/${sku}/receive`), { quantity: 8 }, wait));
    }
    await checkOut(lacking);
    expect((await ended(lacking, 2)).body).toMatchObject({ status: 'completed' });
  });

  it('undoes all when the money is lacking', async () => {
    const poor = await shop({ money: 100 });
    await checkOut(poor);
    expect((await ended(poor)).body).toMatchObject({
      status: 'compensated',
      cause: { code: 'ACCOUNT.INSUFFICIENT_FUNDS' },
    });
    await expectUntouched(poor, 100);
  });

  it('undoes all when fulfilment refuses, though it answers 404 to the cancelling of an order it never took', async () => {
    const refused = await shop({ customer: 'refused' });
    await checkOut(refused);
    const { body } = await ended(refused);
    expect(body).toMatchObject({ status: 'compensated', cause: { code: 'FULFILMENT.REFUSED' } });
    expect(body['steps']).toContainEqual(expect.objectContaining({ name: 'fulfil', status: 'undone' }));
    await expectUntouched(refused);
    const order = await fetch(`${process.env['FULFILMENT_URL']}/orders/${refused.cart}:checkout-1`);
    expect(await order.json()).toMatchObject({ status: 'cancelled' });
  });

  it('cannot be cancelled once fulfilment has begun', async () => {
    const stuck = await shop({ customer: 'held' });
    await checkOut(stuck);
    await fulfilling(stuck);
    const cancel = await post(
      url(`/v1/checkouts/${stuck.cart}:checkout-1/cancel`),
      { reason: 'too slow' },
      wait,
    );
    expect(cancel).toMatchObject({ status: 409, body: { code: 'SAGA.TOO_LATE' } });
    await admit(stuck);
    expect((await ended(stuck)).body).toMatchObject({ status: 'completed' });
  });

  it('has no route to be started by', async () => {
    const { cart } = await shop();
    const reply = await post(url(`/v1/checkouts/${cart}:checkout-1/start`), {}, wait);
    expect(reply.status).toBe(404);
  });
});
