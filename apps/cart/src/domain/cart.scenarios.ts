import { describe, expect } from '@jest/globals';
import { cartContract, type CartEvent } from '#contracts/cart/cart.contract.js';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import type { Stage } from '#libs/testing/stage.js';
import {
  added,
  assigned,
  changed,
  couponApplied,
  couponRemoved,
  created,
  createdByGuest,
  left,
  removed,
} from './cart.fixture.js';

const MOST = Number.MAX_SAFE_INTEGER;

/** An event that takes its time from the clock of a real server if no earlier event sets it. */
function now(event: CartEvent): CartEvent {
  return { ...event, data: { ...event.data, changedAt: expect.any(String) } } as unknown as CartEvent;
}

/**
 * Every rule of the cart except those of its checkout, as scenarios that any stage can run, with a
 * reminder after a day and expiry after seven.
 */
export function cartScenarios(stage: Stage): void {
  const { given, command, it } = scenariosOn(stage, cartContract);

  const create = command('Create', { customerId: 'alice' });
  const assign = command('AssignCustomer', { customerId: 'alice' });
  const add = (sku: string, quantity: number, unitPrice: number, at?: string) =>
    command('AddItem', { sku, quantity, unitPrice, currency: 'USD' }, at);
  const change = (sku: string, quantity: number) => command('ChangeQuantity', { sku, quantity });
  const remove = (sku: string) => command('RemoveItem', { sku });
  const coupon = (worth: { basisPoints: number } | { amount: number; currency: string }) =>
    command('ApplyCoupon', { code: 'spring', ...worth });
  const removeCoupon = command('RemoveCoupon', {});
  const checkOut = command('Checkout', { accountId: 'alice-usd' });
  const abandon = command('Abandon', {});
  const complete = (checkoutId: string, at?: string) => command('CompleteCheckout', { checkoutId }, at);
  const fail = (checkoutId: string, at?: string) =>
    command('FailCheckout', { checkoutId, reason: 'no stock' }, at);
  const remind = (at?: string) => command('Remind', {}, at);
  const expire = (at?: string) => command('Expire', {}, at);

  const changes = [
    assign,
    add('cd', 1, 999),
    change('cd', 2),
    remove('cd'),
    coupon({ amount: 1, currency: 'USD' }),
    removeCoupon,
    checkOut,
    abandon,
  ];
  const withCds = [created, added('cd', 2, 999)] as const;
  describe('when never created', () => {
    it('is created for a customer', () => given().when(create).then(now(created)));

    it('is created for a guest', () =>
      given()
        .when(command('Create', { guestToken: 'guest-1' }))
        .then(now(createdByGuest)));

    it.each([...changes, complete('checkout-1'), fail('checkout-1'), remind(), expire()])(
      'knows no $type',
      (command) => given().when(command).thenRejected('CART.NOT_CREATED'),
    );
  });

  describe('when created', () => {
    it('is not created again', () => given(created).when(create).thenRejected('CART.ALREADY_CREATED'));

    it('becomes the cart of a customer once', async () => {
      await given(createdByGuest).when(assign).then(assigned);
      await given(createdByGuest, assigned).when(assign).thenRejected('CART.CUSTOMER_ASSIGNED');
      await given(created).when(assign).thenRejected('CART.CUSTOMER_ASSIGNED');
    });

    it('is abandoned, even while it is empty', async () => {
      await given(created)
        .when(command('Abandon', { reason: 'changed my mind' }))
        .then({ type: 'CartAbandoned', data: { reason: 'changed my mind', pieces: 0, total: 0 } });
      await given(...withCds)
        .when(abandon)
        .then(left('CartAbandoned', 2, 1_998));
    });
  });

  describe('when items are added', () => {
    it('takes the currency of the first one', async () => {
      await given(created)
        .when(add('cd', 2, 999))
        .then(added('cd', 2, 999));
      const inEuro = command('AddItem', { sku: 'book', quantity: 1, unitPrice: 5, currency: 'EUR' });
      await given(...withCds)
        .when(inEuro)
        .thenRejected('CART.CURRENCY_MISMATCH');
    });

    describe('at the price of the price list', () => {
      // With a time of its own, the command does not pass through the API, which would look it up.
      const listed = (...prices: readonly [unitPrice: number, currency: string][]) => ({
        listed: prices.map(([unitPrice, currency]) => ({ unitPrice, currency })),
      });
      const addListed = (more: object) => command('AddItem', { sku: 'book', quantity: 1, ...more }, moment());
      const both = listed([5, 'EUR'], [6, 'USD']);
      const inEuro = { ...added('book', 1, 5), data: { ...added('book', 1, 5).data, currency: 'EUR' } };

      it('takes the only one', () =>
        given(created)
          .when(addListed(listed([6, 'USD'])))
          .then(added('book', 1, 6)));

      it('takes the one in the currency of the cart', () =>
        given(...withCds)
          .when(addListed(both))
          .then(added('book', 1, 6)));

      it('takes the one in the named currency', () =>
        given(created)
          .when(addListed({ ...both, currency: 'EUR' }))
          .then(inEuro as CartEvent));

      it('takes the named price, if one is named', () =>
        given(...withCds)
          .when(addListed({ ...both, unitPrice: 4, currency: 'USD' }))
          .then(added('book', 1, 4)));

      it('needs a currency if there are several', () =>
        given(created).when(addListed(both)).thenRejected('CART.CURRENCY_NEEDED'));

      it.each([{}, listed(), listed([5, 'EUR']), { ...listed([5, 'EUR']), currency: 'USD' }])(
        'needs a price in the currency of the cart: %j',
        (more) =>
          given(...withCds)
            .when(addListed(more))
            .thenRejected('CART.NO_PRICE'),
      );

      it.each([{}, listed(), { ...both, currency: 'GBP' }])('needs a price: %j', (more) =>
        given(created).when(addListed(more)).thenRejected('CART.NO_PRICE'),
      );

      it('refuses another currency than that of the cart', () =>
        given(...withCds)
          .when(addListed({ ...both, currency: 'EUR' }))
          .thenRejected('CART.CURRENCY_MISMATCH'));
    });

    it('takes any currency once it was emptied', async () => {
      const inEuro = { sku: 'book', quantity: 1, unitPrice: 5, currency: 'EUR' };
      await given(...withCds, removed('cd', 2))
        .when(command('AddItem', inEuro))
        .then({ ...added('book', 1, 5), data: { ...added('book', 1, 5).data, ...inEuro } } as CartEvent);
      await given(...withCds, removed('cd', 2))
        .when(abandon)
        .then({ type: 'CartAbandoned', data: { pieces: 0, total: 0 } });
    });

    it('adds to the existing pieces', () =>
      given(...withCds)
        .when(add('cd', 3, 999))
        .then(added('cd', 3, 999)));

    it('says when a newer price replaces the old one, for all pieces', async () => {
      const cheaper = added('cd', 1, 900, { previousUnitPrice: 999 });
      await given(...withCds)
        .when(add('cd', 1, 900))
        .then(cheaper);
      await given(...withCds, cheaper)
        .when(abandon)
        .then(left('CartAbandoned', 3, 2_700));
    });

    it('accepts a free item', () =>
      given(created)
        .when(add('gift', 1, 0))
        .then(added('gift', 1, 0)));

    it('holds 999 pieces of an item and no more', async () => {
      await given(...withCds)
        .when(add('cd', 997, 999))
        .then(added('cd', 997, 999));
      await given(...withCds)
        .when(add('cd', 998, 999))
        .thenRejected('LINE.QUANTITY_LIMIT');
    });

    it('holds 100 items and no more', async () => {
      const items = Array.from({ length: 100 }, (_, index) => added(`sku-${index}`, 1, 1));
      await given(created, ...items.slice(1))
        .when(add('one-more', 1, 1))
        .then(added('one-more', 1, 1));
      await given(created, ...items)
        .when(add('one-more', 1, 1))
        .thenRejected('CART.LINE_LIMIT');
      await given(created, ...items)
        .when(add('sku-0', 1, 1))
        .then(added('sku-0', 1, 1));
    });

    it('is worth 2^53 − 1 minor units at most', async () => {
      await given(created)
        .when(add('yacht', 1, MOST))
        .then(added('yacht', 1, MOST));
      await given(created)
        .when(add('yacht', 2, MOST))
        .thenRejected('CART.TOTAL_LIMIT');
      await given(created, added('yacht', 1, MOST))
        .when(add('cd', 1, 1))
        .thenRejected('CART.TOTAL_LIMIT');
      await given(created, added('yacht', 1, MOST), added('gift', 1, 0))
        .when(add('gift', 1, 1))
        .thenRejected('CART.TOTAL_LIMIT');
      await given(created, added('boat', 1, 2 ** 52))
        .when(change('boat', 2))
        .thenRejected('CART.TOTAL_LIMIT');
    });
  });

  describe('when items are changed', () => {
    it('has the requested quantity', () =>
      given(...withCds)
        .when(change('cd', 5))
        .then(changed('cd', 5, 2)));

    it('is set to the quantity that it has', () =>
      given(...withCds)
        .when(change('cd', 2))
        .thenRejected('LINE.SAME_QUANTITY'));

    it('loses an item, and keeps the others', async () => {
      await given(...withCds)
        .when(remove('cd'))
        .then(removed('cd', 2));
      await given(...withCds, added('book', 1, 500), removed('cd', 2))
        .when(abandon)
        .then(left('CartAbandoned', 1, 500));
    });

    it.each([change('book', 1), remove('book')])('knows nothing of an item to $type', (command) =>
      given(...withCds)
        .when(command)
        .thenRejected('LINE.NOT_FOUND'),
    );
  });

  describe('when a coupon is applied', () => {
    const tenPercent = couponApplied('spring', { basisPoints: 1_000 });

    it.each([
      [{ basisPoints: 1_000 }, { basisPoints: 1_000 }],
      [
        { amount: 500, currency: 'USD' },
        { amount: 500, currency: 'USD' },
      ],
    ])('takes off %j', (worth, applied) =>
      given(...withCds)
        .when(coupon(worth))
        .then(couponApplied('spring', applied)),
    );

    it('is refused in another currency', () =>
      given(...withCds)
        .when(coupon({ amount: 500, currency: 'EUR' }))
        .thenRejected('CART.CURRENCY_MISMATCH'));

    it('is refused while there is nothing to take it off', async () => {
      await given(created)
        .when(coupon({ amount: 500, currency: 'USD' }))
        .thenRejected('CART.EMPTY');
      await given(...withCds, removed('cd', 2))
        .when(coupon({ basisPoints: 1 }))
        .thenRejected('CART.EMPTY');
    });

    it('is one at a time', async () => {
      await given(...withCds, tenPercent)
        .when(coupon({ amount: 1, currency: 'USD' }))
        .thenRejected('COUPON.APPLIED');
      await given(...withCds, tenPercent)
        .when(removeCoupon)
        .then(couponRemoved('spring'));
      await given(...withCds, tenPercent, couponRemoved('spring'))
        .when(coupon({ amount: 1, currency: 'USD' }))
        .then(couponApplied('spring', { amount: 1, currency: 'USD' }));
    });

    it('takes an amount off in its own currency only', async () => {
      const fiveEuros = couponApplied('spring', { amount: 500, currency: 'EUR' });
      const euros = { ...added('cd', 2, 999), data: { ...added('cd', 2, 999).data, currency: 'EUR' } };
      const emptied = [created, euros as CartEvent, fiveEuros, removed('cd', 2)] as const;
      await given(...emptied, added('book', 1, 900))
        .when(abandon)
        .then(left('CartAbandoned', 1, 900));
      await given(...emptied, euros as CartEvent)
        .when(abandon)
        .then({ type: 'CartAbandoned', data: { pieces: 2, total: 1_498, currency: 'EUR' } });
    });

    it('takes an amount that was stored without a currency for one in that of the cart', async () => {
      const stored = [...withCds, couponApplied('spring', { amount: 500 })] as const;
      await given(...stored)
        .when(abandon)
        .then(left('CartAbandoned', 2, 1_498));
      const euros = { ...added('cd', 2, 999), data: { ...added('cd', 2, 999).data, currency: 'EUR' } };
      await given(...stored, removed('cd', 2), euros as CartEvent)
        .when(abandon)
        .then({ type: 'CartAbandoned', data: { pieces: 2, total: 1_998, currency: 'EUR' } });
    });

    it('cannot be removed twice', () =>
      given(...withCds, tenPercent, couponRemoved('spring'))
        .when(removeCoupon)
        .thenRejected('COUPON.NOT_FOUND'));

    it('follows the content of the cart', () =>
      given(...withCds, tenPercent, changed('cd', 10, 2))
        .when(abandon)
        .then(left('CartAbandoned', 10, 8_991)));
  });

  describe('when left alone', () => {
    const reminded = left('CartReminded', 2, 1_998);
    const expired = left('CartExpired', 2, 1_998);
    const later = moment(7 * DAY);

    it('gets a reminder after a day, and stays open', () =>
      given(...withCds)
        .when(add('cd', 1, 999, moment(DAY)))
        .then(reminded, added('cd', 1, 999, { changedAt: moment(DAY) })));

    it('gets one reminder', () =>
      given(...withCds, reminded)
        .when(add('cd', 1, 999, moment(6 * DAY)))
        .then(added('cd', 1, 999, { changedAt: moment(6 * DAY) })));

    it('gets another reminder a day after it was changed', () =>
      given(...withCds, reminded, added('book', 1, 1_000, { changedAt: moment(2 * DAY) }))
        .when({ ...removeCoupon, at: moment(3 * DAY) })
        .thenRejected('COUPON.NOT_FOUND', left('CartReminded', 3, 2_998)));

    it('gets no reminder while it is empty', () =>
      given(created)
        .when({ ...removeCoupon, at: moment(6 * DAY) })
        .thenRejected('COUPON.NOT_FOUND'));

    it('expires after a week, with any command', async () => {
      await given(...withCds)
        .when(add('cd', 1, 999, later))
        .thenRejected('CART.EXPIRED', reminded, expired);
      await given(created)
        .when({ ...checkOut, at: later })
        .thenRejected('CART.EXPIRED', { type: 'CartExpired', data: { pieces: 0, total: 0 } });
    });

    it('lives on when it was changed', () =>
      given(
        ...withCds,
        reminded,
        added('cd', 1, 999, { changedAt: moment(HOUR) }),
        left('CartReminded', 3, 2_997),
      )
        .when(add('cd', 1, 999, later))
        .then(added('cd', 1, 999, { changedAt: later })));

    it('does not end before its time', async () => {
      await given(...withCds)
        .when(remind(moment(DAY - 0.001)))
        .thenRejected('CART.NOT_DUE');
      await given(...withCds, reminded)
        .when(expire(moment(7 * DAY - 0.001)))
        .thenRejected('CART.NOT_DUE');
    });
  });

  describe('when it has ended', () => {
    it.each([
      ['CART.ABANDONED', [...withCds, left('CartAbandoned', 2, 1_998)]],
      ['CART.EXPIRED', [...withCds, left('CartExpired', 2, 1_998)]],
    ] as const)('takes no changes: %s', async (code, history) => {
      for (const command of [...changes, remind(), expire()]) {
        await given(...history)
          .when(command)
          .thenRejected(code);
      }
      await given(...history)
        .when(create)
        .thenRejected('CART.ALREADY_CREATED');
    });
  });
}
