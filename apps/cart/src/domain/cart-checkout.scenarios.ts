import { describe } from '@jest/globals';
import { cartContract } from '#contracts/cart/cart.contract.js';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import type { Stage } from '#libs/testing/stage.js';
import {
  added,
  changed,
  completed,
  couponApplied,
  created,
  createdByGuest,
  failed,
  removed,
  requested,
} from './cart.fixture.js';

/**
 * The checkout rules of a cart. With the saga of the checkout on the stage, it would continue after
 * the end of a scenario.
 */
export function cartCheckoutScenarios(stage: Stage): void {
  const { given, command, it } = scenariosOn(stage, cartContract);

  const create = command('Create', { customerId: 'alice' });
  const add = (sku: string, quantity: number, unitPrice: number, at?: string) =>
    command('AddItem', { sku, quantity, unitPrice, currency: 'USD' }, at);
  const change = (sku: string, quantity: number) => command('ChangeQuantity', { sku, quantity });
  const checkOut = command('Checkout', { accountId: 'alice-usd' });
  const complete = (checkoutId: string, at?: string) => command('CompleteCheckout', { checkoutId }, at);
  const fail = (checkoutId: string, at?: string) =>
    command('FailCheckout', { checkoutId, reason: 'no stock' }, at);
  const refuse = (echo: string, code = 'NO') =>
    command('RefuseCheckout', {
      key: 'checkout',
      status: 'refused',
      attempts: 1,
      echo,
      code,
      detail: 'too long',
    });
  const changes = [
    command('AssignCustomer', { customerId: 'alice' }),
    add('cd', 1, 999),
    change('cd', 2),
    command('RemoveItem', { sku: 'cd' }),
    command('ApplyCoupon', { code: 'spring', amount: 1, currency: 'USD' }),
    command('RemoveCoupon', {}),
    checkOut,
    command('Abandon', {}),
  ];
  const withCds = [created, added('cd', 2, 999)] as const;
  const prices = {
    lines: [{ sku: 'cd', quantity: 2, unitPrice: 999, discount: 0, total: 1_998 }],
    subtotal: 1_998,
    discount: 0,
    total: 1_998,
  };
  const card = { method: 'card', card: 'tok_visa' } as const;
  const checkingOut = [...withCds, requested('checkout-1', prices)] as const;

  describe('when checked out', () => {
    it('requests what it shows, at the prices it shows', () =>
      given(...withCds)
        .when(checkOut)
        .then(requested('checkout-1', prices)));

    it('is paid from an account, however that is said', () =>
      given(...withCds)
        .when(command('Checkout', { payment: { method: 'account', accountId: 'alice-usd' } }))
        .then(requested('checkout-1', prices)));

    it('is paid by card', () =>
      given(...withCds)
        .when(command('Checkout', { payment: card }))
        .then(requested('checkout-1', prices, { payment: card })));

    it('allocates the discount to the lines', () =>
      given(...withCds, added('book', 1, 1_001), couponApplied('spring', { amount: 500, currency: 'USD' }))
        .when(checkOut)
        .then(
          requested('checkout-1', {
            lines: [
              { sku: 'cd', quantity: 2, unitPrice: 999, discount: 333, total: 1_665 },
              { sku: 'book', quantity: 1, unitPrice: 1_001, discount: 167, total: 834 },
            ],
            couponCode: 'spring',
            subtotal: 2_999,
            discount: 500,
            total: 2_499,
          }),
        ));

    it('names no coupon that takes nothing off', () =>
      given(created, added('cd', 2, 999), couponApplied('spring', { amount: 500, currency: 'EUR' }))
        .when(checkOut)
        .then(requested('checkout-1', prices)));

    it('can cost nothing', () =>
      given(created, added('gift', 1, 0))
        .when(checkOut)
        .then(
          requested('checkout-1', {
            lines: [{ sku: 'gift', quantity: 1, unitPrice: 0, discount: 0, total: 0 }],
            subtotal: 0,
            discount: 0,
            total: 0,
          }),
        ));

    it('cannot be empty', async () => {
      await given(created).when(checkOut).thenRejected('CART.EMPTY');
      await given(...withCds, removed('cd', 2))
        .when(checkOut)
        .thenRejected('CART.EMPTY');
    });

    it('needs a customer', () =>
      given(createdByGuest, added('cd', 2, 999))
        .when(checkOut)
        .thenRejected('CART.NO_CUSTOMER'));

    it.each(changes)('accepts no $type during a checkout', (command) =>
      given(...checkingOut)
        .when(command)
        .thenRejected('CART.CHECKING_OUT'),
    );

    it('is bought', () =>
      given(...checkingOut)
        .when(complete('checkout-1'))
        .then(completed('checkout-1', 1_998)));

    it('is open again when that fails, with the reason', async () => {
      await given(...checkingOut)
        .when(fail('checkout-1'))
        .then(failed('checkout-1'));
      await given(...checkingOut, failed('checkout-1'))
        .when(change('cd', 1))
        .then(changed('cd', 1, 2));
    });

    it('is open again when the checkout cannot be started', async () => {
      const reason = 'SAGA.ID_TOO_LONG: too long';
      await given(...checkingOut)
        .when(refuse('checkout-1', 'SAGA.ID_TOO_LONG'))
        .then(failed('checkout-1', moment(), reason));
      await given(...checkingOut)
        .when(refuse('checkout-1', 'SAGA.ALREADY_STARTED'))
        .thenRejected('CHECKOUT.STARTED');
    });

    it('can be checked out again, under a name of its own', () =>
      given(...checkingOut, failed('checkout-1'))
        .when(checkOut)
        .then(requested('checkout-2', prices)));

    it('says how a checkout that is not under way has ended', async () => {
      const again = [...checkingOut, failed('checkout-1'), requested('checkout-2', prices)] as const;
      for (const end of [complete, fail, refuse]) {
        await given(...again)
          .when(end('checkout-1'))
          .thenRejected('CHECKOUT.FAILED');
        await given(...again)
          .when(end('checkout-3'))
          .thenRejected('CHECKOUT.NOT_FOUND');
        await given(...withCds)
          .when(end('checkout-1'))
          .thenRejected('CHECKOUT.NOT_FOUND');
        await given(...again, completed('checkout-2', 1_998))
          .when(end('checkout-2'))
          .thenRejected('CHECKOUT.COMPLETED');
        await given(...again, completed('checkout-2', 1_998))
          .when(end('checkout-1'))
          .thenRejected('CHECKOUT.FAILED');
        await given(...again, failed('checkout-2'))
          .when(end('checkout-2'))
          .thenRejected('CHECKOUT.FAILED');
      }
    });
  });

  it('does not expire during a checkout, and starts to count again after it failed', async () => {
    await given(...checkingOut)
      .when(complete('checkout-1', moment(30 * DAY)))
      .then(completed('checkout-1', 1_998));
    await given(...checkingOut, failed('checkout-1', moment(30 * DAY)))
      .when(add('cd', 1, 999, moment(30 * DAY + HOUR)))
      .then(added('cd', 1, 999, { changedAt: moment(30 * DAY + HOUR) }));
  });

  it('takes no changes when bought', async () => {
    const bought = [...checkingOut, completed('checkout-1', 1_998)] as const;
    for (const command of changes) {
      await given(...bought)
        .when(command)
        .thenRejected('CART.COMPLETED');
    }
    await given(...bought)
      .when(create)
      .thenRejected('CART.ALREADY_CREATED');
  });
}
