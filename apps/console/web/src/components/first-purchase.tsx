import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { perdure } from '../api/client.js';
import { pageOf } from '../navigation.js';
import { To } from './link.js';
import { Failure } from './states.js';

interface Purchase {
  readonly customer: string;
  readonly sku: string;
  readonly cart: string;
}

const AMOUNT = 10_000;
const PRICE = 1_499;
const PIECES = 10;

/** Each is safe to repeat: what was done before is answered as it was then. */
const STEPS: readonly { title: string; run: (purchase: Purchase) => Promise<unknown> }[] = [
  {
    title: 'Open an account with EUR 100.00',
    run: async ({ customer }) => {
      const account = perdure.entity('account', customer);
      await account.execute('Open', { owner: customer, currency: 'EUR' }, { key: 'first-open' });
      await account.execute('Deposit', { amount: AMOUNT }, { key: 'first-deposit' });
    },
  },
  {
    title: 'Put ten CDs at EUR 14.99 on the shelf',
    run: async ({ sku }) => {
      const price = { unitPrice: PRICE, currency: 'EUR' };
      await perdure.entity('price', sku).execute('SetPrice', price, { key: 'first-price' });
      await perdure.entity('inventory', sku).execute('Receive', { quantity: PIECES }, { key: 'first-stock' });
    },
  },
  {
    title: 'Buy two of them',
    run: async ({ customer, sku, cart: id }) => {
      const cart = perdure.entity('cart', id);
      await cart.execute('Create', { customerId: customer }, { key: 'first-cart' });
      await cart.execute('AddItem', { sku, quantity: 2 }, { key: 'first-item' });
      await cart.execute('Checkout', { accountId: customer }, { key: 'first-checkout' });
    },
  },
];

/** A purchase made with three clicks, so that an empty system has something to show. */
export function FirstPurchase() {
  const client = useQueryClient();
  const [purchase] = useState(newPurchase);
  const [done, setDone] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const run = async (step: (typeof STEPS)[number]): Promise<void> => {
    setBusy(true);
    setError(undefined);
    await step.run(purchase).then(
      () => setDone(done + 1),
      (thrown: Error) => setError(thrown),
    );
    setBusy(false);
    await client.invalidateQueries({ queryKey: ['list'] });
  };
  return (
    <section className="panel" aria-label="A first purchase">
      <h2>There is nothing yet. Make a purchase with three clicks</h2>
      <ol className="buttons">
        {STEPS.map((step, index) => (
          <li key={step.title}>
            <button type="button" disabled={isBusy || index !== done} onClick={() => void run(step)}>
              {index + 1}. {step.title}
            </button>
          </li>
        ))}
      </ol>
      {error && <Failure error={error} />}
      {done === STEPS.length && (
        <p>
          See <To to={pageOf('cart', purchase.cart)}>the cart</To>,{' '}
          <To to={pageOf('checkout', `${purchase.cart}:checkout-1`)}>its checkout</To> and{' '}
          <To to={pageOf('account', purchase.customer)}>the account</To>.
        </p>
      )}
    </section>
  );
}

function newPurchase(): Purchase {
  const number = crypto.randomUUID().slice(0, 8);
  return { customer: `first-${number}`, sku: `cd-${number}`, cart: `cart-${number}` };
}
