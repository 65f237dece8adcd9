import { setTimeout as pause } from 'node:timers/promises';
import { createPerdureClient, type PerdureClient } from '#libs/client/client.js';

/** What the pictures show: a day in the shop, told by the people who had a part in it. */
export const STORY = {
  customer: 'alice',
  landlord: 'bob',
  cart: 'alice-friday',
  checkout: 'alice-friday:checkout-1',
  transfer: 'rent-december',
  payment: 'alice-by-card',
} as const;

const ids = STORY;

/** Does everything up to the moment at which a supervisor is needed. */
export async function tellStory(url: string): Promise<void> {
  const as = (user: string): PerdureClient => clientOf(url, user);
  const alice = as('alice');
  await requireEmpty(as('demo'));
  await alice.entity('account', ids.customer).execute('Open', { owner: 'alice', currency: 'EUR' });
  await as('bob').entity('account', ids.landlord).execute('Open', { owner: 'bob', currency: 'EUR' });
  await as('tom').entity('account', ids.customer).execute('Deposit', { amount: 95_000 });
  await as('priya').entity('price', 'cd').execute('SetPrice', { unitPrice: 1_499, currency: 'EUR' });
  await as('will').entity('inventory', 'cd').execute('Receive', { quantity: 10 });
  await buy(alice);
  await once(() => alice.entity('checkout', ids.checkout).find(), 'completed');
  const limit = { amount: 50_000, candidates: ['role:supervisor'], needed: 1, withinSeconds: 7_200 };
  await as('sue').entity('account', ids.customer).execute('SetApprovalLimit', limit);
  await pay(as('demo'));
  const rent = { from: ids.customer, to: ids.landlord, amount: 70_000, currency: 'EUR' };
  await alice.entity('transfer', ids.transfer).execute('Start', rent);
}

/** Waits until a saga stands so. */
async function once(
  read: () => Promise<{ readonly status: string } | undefined>,
  status: string,
): Promise<void> {
  while ((await read())?.status !== status) await pause(250);
}

/** A client as a local user. */
function clientOf(url: string, user: string): PerdureClient {
  return createPerdureClient({ url, token: () => tokenOf(url, user) });
}

async function buy(alice: PerdureClient): Promise<void> {
  const cart = alice.entity('cart', ids.cart);
  await cart.execute('Create', { customerId: 'alice' });
  await cart.execute('AddItem', { sku: 'cd', quantity: 2 });
  await cart.execute('Checkout', { accountId: ids.customer });
}

async function pay(desk: PerdureClient): Promise<void> {
  const payment = {
    reference: 'order-17',
    amount: 1_250,
    currency: 'EUR',
    card: 'tok_visa',
    settleAfter: '2h',
  };
  await desk.entity('cardPayment' as never, ids.payment).execute('Start' as never, payment as never);
}

async function tokenOf(url: string, user: string): Promise<string> {
  const reply = await fetch(`${url}/local-users/${user}/token`, { method: 'POST' });
  if (!reply.ok) throw new Error(`there is no token of ${user}: ${reply.status}`);
  return ((await reply.json()) as { access_token: string }).access_token;
}

/** Names in the pictures are taken only once, and lists have what the text says. */
async function requireEmpty(demo: PerdureClient): Promise<void> {
  const { data } = await demo.page('/v1/accounts', { query: { limit: 1 } });
  if (data.length > 0) throw new Error('the stack is not empty: npm stop; npm run reset; npm start');
}
