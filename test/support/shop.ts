import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { command, eventually, post, request, type Reply } from './account-rest.js';

/** An address of the front server. */
export const url = (path = ''): string => `${process.env['PERDURE_URL']}${path}`;
export const wait = { prefer: 'wait=20' };
/** Per piece. */
export const PRICE = 250;

/** A customer who is about to buy. */
export interface Shop {
  readonly account: string;
  readonly cart: string;
  readonly skus: readonly [string, string];
}

/** The reply to a command that has to succeed. */
export async function done(reply: Promise<Reply>): Promise<Reply> {
  const answered = await reply;
  expect({ status: answered.status < 300, body: answered.body }).toMatchObject({ status: true });
  return answered;
}

/** A customer with money and a cart of two items, of which there are 10 each. */
export async function shop({ customer = 'customer', money = 10_000, stock = 10 } = {}): Promise<Shop> {
  const unique = randomUUID();
  const account = `pay-${unique}`;
  const cart = `cart-${unique}`;
  const skus = [`a-${unique}`, `b-${unique}`] as const;
  const customerId = `${customer}-${unique}`;
  await done(command(url(), account, 'open', { owner: customerId, currency: 'EUR' }, wait));
  await done(command(url(), account, 'deposit', { amount: money }, wait));
  for (const sku of skus) await done(post(url(`/v1/inventory/${sku}/receive`), { quantity: stock }, wait));
  await done(post(url(`/v1/carts/${cart}/create`), { customerId }, wait));
  for (const [index, sku] of skus.entries()) {
    const item = { sku, quantity: index + 2, unitPrice: PRICE, currency: 'EUR' };
    await done(post(url(`/v1/carts/${cart}/add-item`), item, wait));
  }
  return { account, cart, skus };
}

export async function checkOut({ cart, account }: Shop): Promise<void> {
  await done(post(url(`/v1/carts/${cart}/checkout`), { accountId: account }, wait));
}

/** The saga of the nth checkout of the cart. */
export function sagaOf({ cart }: Shop, number = 1): Promise<Reply> {
  return request(url(`/v1/checkouts/${cart}:checkout-${number}`));
}

/**
 * The saga, once its order waits for fulfilment. A customer named `held` stays there until
 * admitted.
 */
export function fulfilling(of: Shop): Promise<Reply> {
  return eventually(
    () => sagaOf(of),
    ({ body }) => JSON.stringify(body['steps'] ?? '').includes('"fulfil"'),
  );
}

/** Admits the order of a customer named `held`. */
export async function admit({ cart }: Shop): Promise<void> {
  await done(post(`${process.env['FULFILMENT_URL']}/orders/${cart}:checkout-1/admit`, {}));
}

/** The saga, once it has ended. */
export function ended(of: Shop, number = 1): Promise<Reply> {
  return eventually(
    () => sagaOf(of, number),
    ({ body }) => body['status'] === 'completed' || body['status'] === 'compensated',
  );
}
