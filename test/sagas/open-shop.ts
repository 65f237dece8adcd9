import type { JsonObject } from '#libs/core/json.js';
import { accepted } from './checkout.world.js';
import type { World } from './world.js';

/** Per piece. */
export const PRICE = 300;

/** A payer with money, two items in stock, and a cart with both that is checked out. */
export async function openShop(world: World, paying: JsonObject = { accountId: 'payer' }): Promise<void> {
  await accepted(world.tell('account', 'payer', 'Open', { owner: 'alice', currency: 'EUR' }));
  await accepted(world.tell('account', 'payer', 'Deposit', { amount: 10_000 }));
  await accepted(world.tell('cart', 'cart', 'Create', { customerId: 'alice' }));
  for (const sku of ['a', 'b']) {
    await accepted(world.tell('inventory', sku, 'Receive', { quantity: 10 }));
    const item = { sku, quantity: 2, unitPrice: PRICE, currency: 'EUR' };
    await accepted(world.tell('cart', 'cart', 'AddItem', item));
  }
  await accepted(world.tell('cart', 'cart', 'Checkout', paying));
}
