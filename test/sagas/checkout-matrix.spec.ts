import { describe, expect, it } from '@jest/globals';
import { text } from '#contracts/fields.js';
import {
  byAccount,
  cellsOf,
  checkoutBy,
  expectBought,
  expectUndone,
  leavesUnanswered,
  type Method,
  SAGA,
} from './checkout.methods.js';
import { accepted, cartOf, sagaOf, stockOf } from './checkout.world.js';
import { openShop } from './open-shop.js';
import type { Fault, World } from './world.js';

const BEFORE_RETURN = ['reserve-1', 'reserve-2', 'hold', 'confirm-1', 'confirm-2', 'fulfil'] as const;
const AFTER_RETURN = ['capture', 'complete'] as const;
const STEPS = [...BEFORE_RETURN, ...AFTER_RETURN];

/** The same fault at the first attempts of a step, and a count of its occurrences. */
function striking(step: string, fault: Fault, tries = 1) {
  const struck: number[] = [];
  const faultOf = (key: string, attempt: number): Fault | undefined => {
    if (key !== step || attempt > tries || struck.length === tries) return undefined;
    struck.push(attempt);
    return fault;
  };
  return { struck, faultOf };
}

/** Executes effects until the saga has started this step. */
async function until(world: World, step: string): Promise<void> {
  const isStarted = () => sagaOf(world, SAGA).steps.some(({ name }) => name === step);
  while (!isStarted()) expect(await world.step()).toBe(true);
}

describe.each(cellsOf(STEPS))('at the step $step, a checkout$by', ({ step, method }) => {
  it.each(['lost before', 'lost after'] as const)(
    'ends bought when the answer is %s the deed',
    async (fault) => {
      const { struck, faultOf } = striking(step, fault, 3);
      const shop = checkoutBy(method, faultOf);
      await openShop(shop.world, shop.method.paying);
      await shop.world.settle();
      expect(struck).toEqual([1, 2, 3]);
      expectBought(shop);
    },
  );

  it('ends bought when its workflow is terminated', async () => {
    const shop = checkoutBy(method);
    await openShop(shop.world, shop.method.paying);
    await until(shop.world, step);
    await shop.world.lose('checkout', SAGA);
    await shop.world.settle();
    expectBought(shop);
  });

  it('ends bought when its workflow is terminated after the step was done, before it learns of it', async () => {
    const { struck, faultOf } = striking(step, 'lost after');
    const shop = checkoutBy(method, faultOf);
    await openShop(shop.world, shop.method.paying);
    while (struck.length === 0) await shop.world.step();
    await shop.world.lose('checkout', SAGA);
    await shop.world.settle();
    expectBought(shop);
  });
});

describe.each(cellsOf(BEFORE_RETURN))('at the step $step, a checkout$by', ({ step, method }) => {
  it('is undone when it is refused', async () => {
    const { struck, faultOf } = striking(step, 'refused');
    const shop = checkoutBy(method, faultOf);
    await openShop(shop.world, shop.method.paying);
    await shop.world.settle();
    expect(struck).toEqual([1]);
    expectUndone(shop);
  });

  it('is undone when it is refused, and every answer to an undoing is lost once', async () => {
    let isUndoing = false;
    const shop = checkoutBy(method, (key, attempt) => {
      if (isUndoing) return attempt === 1 ? 'lost after' : undefined;
      if (key === step) isUndoing = true;
      return key === step ? 'refused' : undefined;
    });
    await openShop(shop.world, shop.method.paying);
    await shop.world.settle();
    expectUndone(shop);
  });
});

describe.each(cellsOf(BEFORE_RETURN.slice(0, -1)))('at the step $step, a checkout$by', ({ step, method }) => {
  it('is undone when it is cancelled, though the step succeeds', async () => {
    const shop = checkoutBy(method);
    await openShop(shop.world, shop.method.paying);
    await until(shop.world, step);
    await accepted(shop.world.tell('checkout', SAGA, 'Cancel', { reason: 'changed my mind' }));
    await shop.world.settle();
    expectUndone(shop);
  });

  it('is undone when its time is up', async () => {
    const shop = checkoutBy(method);
    await openShop(shop.world, shop.method.paying);
    await until(shop.world, step);
    await shop.world.pass(601);
    await shop.world.settle();
    expect(sagaOf(shop.world, SAGA).cause?.code).toBe('SAGA.TIMED_OUT');
    expectUndone(shop);
  });

  it('is undone when it is cancelled, terminated, and born again', async () => {
    const shop = checkoutBy(method);
    await openShop(shop.world, shop.method.paying);
    await until(shop.world, step);
    await accepted(shop.world.tell('checkout', SAGA, 'Cancel', { reason: 'changed my mind' }));
    await shop.world.lose('checkout', SAGA);
    await shop.world.settle();
    expectUndone(shop);
  });
});

/**
 * A checkout with one step that is never answered, until it is overdue. Once it is resolved,
 * everything succeeds.
 */
async function overdue(step: string, method: Method, fault: Fault) {
  let isHealed = false;
  const asked = { since: 0 };
  const unanswered = leavesUnanswered(step, method, fault);
  const shop = checkoutBy(method, (key, attempt, action) => {
    if (isHealed && key === step) asked.since += 1;
    return isHealed ? undefined : unanswered(key, attempt, action);
  });
  const { world } = shop;
  await openShop(world, method.paying);
  await until(world, step);
  for (let count = 0; count < 100; count += 1) await world.step();
  await world.pass(step === 'capture' && method.answered.includes(step) ? 3_601 : 301);
  const found = sagaOf(world, SAGA).steps.find(({ name }) => name === step);
  expect(found).toMatchObject({ overdueAt: expect.any(String) });
  const resolve = async (outcome: 'done' | 'not-done') => {
    isHealed = true;
    const said = { step, outcome, note: 'called them' };
    await accepted(world.tell('checkout', SAGA, 'ResolveStep', said));
  };
  return { ...shop, asked, resolve };
}

describe.each(cellsOf(STEPS))(
  'at the step $step, which is never answered, a checkout$by',
  ({ step, method }) => {
    it('is bought when an operator says that it was done, and nothing is asked again', async () => {
      const shop = await overdue(step, method, 'lost after');
      await shop.resolve('done');
      await shop.world.lose('checkout', SAGA);
      await shop.world.settle();
      expectBought(shop);
      expect(shop.asked.since).toBe(0);
    });
  },
);

describe.each(cellsOf(BEFORE_RETURN))(
  'at the step $step, which is never answered, a checkout$by',
  ({ step, method }) => {
    it.each(['lost before', 'lost after'] as const)(
      'is undone when an operator says that it was not done, though its answers were %s the deed',
      async (fault) => {
        const shop = await overdue(step, method, fault);
        await shop.resolve('not-done');
        await shop.world.settle();
        expectUndone(shop);
      },
    );
  },
);

it('is undone when a compensation is never answered and an operator has done it by hand', async () => {
  let isHealed = false;
  const shop = checkoutBy(byAccount, (key) => {
    if (key === 'fulfil') return sagaOf(shop.world, SAGA).status === 'running' ? 'refused' : undefined;
    const isUndoing = key === 'hold' && sagaOf(shop.world, SAGA).status === 'compensating';
    if (isUndoing) expect(isHealed).toBe(false);
    return isUndoing ? 'lost after' : undefined;
  });
  await openShop(shop.world, shop.method.paying);
  for (let count = 0; count < 200; count += 1) await shop.world.step();
  await shop.world.pass(301);
  isHealed = true;
  await accepted(
    shop.world.tell('checkout', SAGA, 'ResolveStep', { step: 'hold', note: 'released by hand' }),
  );
  await shop.world.settle();
  expectUndone(shop);
});

it('lets goods be returned once it has ended, and not before', async () => {
  const shop = checkoutBy(byAccount);
  await openShop(shop.world, shop.method.paying);
  await until(shop.world, 'fulfil');
  const back = () => shop.world.tell('inventory', 'a', 'ReturnReservation', { reservationId: SAGA });
  expect(await back()).toMatchObject({ code: 'RESERVATION.OWNED' });
  await shop.world.settle();
  await accepted(back());
  expect(await back()).toMatchObject({ code: 'RESERVATION.RETURNED' });
  expect(stockOf(shop.world, 'a')).toMatchObject({ onHand: 10, reserved: 0, sold: 0 });
});

it('needs no account when nothing has to be paid', async () => {
  const shop = checkoutBy(byAccount);
  await accepted(shop.world.tell('cart', 'cart', 'Create', { customerId: 'alice' }));
  await accepted(shop.world.tell('inventory', 'a', 'Receive', { quantity: 1 }));
  const gift = { sku: 'a', quantity: 1, unitPrice: 0, currency: 'EUR' };
  await accepted(shop.world.tell('cart', 'cart', 'AddItem', gift));
  await accepted(shop.world.tell('cart', 'cart', 'Checkout', { accountId: 'none' }));
  await shop.world.settle();
  expect(sagaOf(shop.world, SAGA).status).toBe('completed');
  expect(stockOf(shop.world, 'a')).toMatchObject({ onHand: 0, sold: 1 });
});

it('opens its cart again when it cannot be started', async () => {
  const { struck, faultOf } = striking('checkout', 'refused');
  const shop = checkoutBy(byAccount, faultOf);
  await openShop(shop.world, shop.method.paying);
  await shop.world.settle();
  expect(struck).toEqual([1]);
  const lastFailure = { checkoutId: 'checkout-1', reason: 'TEST.REFUSED: by the test' };
  expect(cartOf(shop.world, 'cart')).toMatchObject({ status: 'open', lastFailure });
  // The outcome is in the cart's stream: nothing is started again.
  await shop.world.lose('cart', 'cart');
  await shop.world.settle();
  expect(sagaOf(shop.world, SAGA).status).toBeUndefined();
  await accepted(shop.world.tell('cart', 'cart', 'Checkout', { accountId: 'payer' }));
  await shop.world.settle();
  expect([...shop.orders]).toEqual(['cart:checkout-2']);
});

it('gives the cart a reason that its contract accepts, however long the reason of the cancellation', async () => {
  const shop = checkoutBy(byAccount);
  await openShop(shop.world, shop.method.paying);
  await until(shop.world, 'hold');
  const reason = `a${'😀'.repeat(249)}`;
  expect(text(500).parse(reason)).toBe(reason);
  await accepted(shop.world.tell('checkout', SAGA, 'Cancel', { reason }));
  await shop.world.settle();
  expectUndone(shop);
  const told = cartOf(shop.world, 'cart').lastFailure?.reason;
  expect(text(500).parse(told)).toBe(`SAGA.CANCELLED: a${'😀'.repeat(241)}`);
});

describe.each(cellsOf(AFTER_RETURN))(
  'at the step $step, where there is no way back, a checkout$by',
  ({ step, method }) => {
    it('waits for an operator when it is refused, and continues when it is retried', async () => {
      let refusals = 0;
      const shop = checkoutBy(method, (key) =>
        key === step && (refusals += 1) === 1 ? 'refused' : undefined,
      );
      await openShop(shop.world, shop.method.paying);
      await shop.world.settle();
      expect(refusals).toBe(1);
      expect(sagaOf(shop.world, SAGA).steps.at(-1)).toMatchObject({ name: step, status: 'stuck' });
      expect(await shop.world.tell('checkout', SAGA, 'Cancel', { reason: 'no' })).toMatchObject({
        code: 'SAGA.TOO_LATE',
      });
      await accepted(shop.world.tell('checkout', SAGA, 'RetryStep', { step }));
      await shop.world.settle();
      expectBought(shop);
    });
  },
);
