import { describe, expect, it } from '@jest/globals';
import { text } from '#contracts/fields.js';
import { accepted, accountOf, cartOf, checkoutWorld, sagaOf, stockOf } from './checkout.world.js';
import { openShop, PRICE } from './open-shop.js';
import type { Fault, World } from './world.js';

const SAGA = 'cart:checkout-1';
const BEFORE_RETURN = ['reserve-1', 'reserve-2', 'hold', 'confirm-1', 'confirm-2', 'fulfil'] as const;
const AFTER_RETURN = ['capture', 'complete'] as const;
const STEPS = [...BEFORE_RETURN, ...AFTER_RETURN];
const inOrder = (): number => 0;

function expectBought(world: World, orders: ReadonlySet<string>): void {
  expect(sagaOf(world, SAGA).status).toBe('completed');
  expect(cartOf(world, 'cart').status).toBe('completed');
  expect(accountOf(world, 'payer')).toMatchObject({ balance: 10_000 - 4 * PRICE, held: 0, holds: [] });
  for (const sku of ['a', 'b']) {
    expect(stockOf(world, sku)).toMatchObject({ onHand: 8, reserved: 0, reservations: [] });
  }
  expect([...orders]).toEqual([SAGA]);
}

function expectUndone(world: World, orders: ReadonlySet<string>): void {
  expect(sagaOf(world, SAGA).status).toBe('compensated');
  expect(cartOf(world, 'cart').status).toBe('open');
  expect(accountOf(world, 'payer')).toMatchObject({ balance: 10_000, held: 0, holds: [] });
  for (const sku of ['a', 'b']) {
    expect(stockOf(world, sku)).toMatchObject({ onHand: 10, reserved: 0, reservations: [] });
  }
  expect([...orders]).toEqual([]);
}

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

describe.each(STEPS)('at the step %s, a checkout', (step) => {
  it.each(['lost before', 'lost after'] as const)(
    'ends bought when the answer is %s the deed',
    async (fault) => {
      const { struck, faultOf } = striking(step, fault, 3);
      const { world, orders } = checkoutWorld(inOrder, faultOf);
      await openShop(world);
      await world.settle();
      expect(struck).toEqual([1, 2, 3]);
      expectBought(world, orders);
    },
  );

  it('ends bought when its workflow is terminated', async () => {
    const { world, orders } = checkoutWorld(inOrder);
    await openShop(world);
    await until(world, step);
    await world.lose('checkout', SAGA);
    await world.settle();
    expectBought(world, orders);
  });

  it('ends bought when its workflow is terminated after the step was done, before it learns of it', async () => {
    const { struck, faultOf } = striking(step, 'lost after');
    const { world, orders } = checkoutWorld(inOrder, faultOf);
    await openShop(world);
    while (struck.length === 0) await world.step();
    await world.lose('checkout', SAGA);
    await world.settle();
    expectBought(world, orders);
  });
});

describe.each(BEFORE_RETURN)('at the step %s, a checkout', (step) => {
  it('is undone when it is refused', async () => {
    const { struck, faultOf } = striking(step, 'refused');
    const { world, orders } = checkoutWorld(inOrder, faultOf);
    await openShop(world);
    await world.settle();
    expect(struck).toEqual([1]);
    expectUndone(world, orders);
  });

  it('is undone when it is refused, and every answer to an undoing is lost once', async () => {
    let isUndoing = false;
    const { world, orders } = checkoutWorld(inOrder, (key, attempt) => {
      if (isUndoing) return attempt === 1 ? 'lost after' : undefined;
      if (key === step) isUndoing = true;
      return key === step ? 'refused' : undefined;
    });
    await openShop(world);
    await world.settle();
    expectUndone(world, orders);
  });
});

describe.each(BEFORE_RETURN.slice(0, -1))('at the step %s, a checkout', (step) => {
  it('is undone when it is cancelled, though the step succeeds', async () => {
    const { world, orders } = checkoutWorld(inOrder);
    await openShop(world);
    await until(world, step);
    await accepted(world.tell('checkout', SAGA, 'Cancel', { reason: 'changed my mind' }));
    await world.settle();
    expectUndone(world, orders);
  });

  it('is undone when its time is up', async () => {
    const { world, orders } = checkoutWorld(inOrder);
    await openShop(world);
    await until(world, step);
    await world.pass(601);
    await world.settle();
    expect(sagaOf(world, SAGA).cause?.code).toBe('SAGA.TIMED_OUT');
    expectUndone(world, orders);
  });

  it('is undone when it is cancelled, terminated, and born again', async () => {
    const { world, orders } = checkoutWorld(inOrder);
    await openShop(world);
    await until(world, step);
    await accepted(world.tell('checkout', SAGA, 'Cancel', { reason: 'changed my mind' }));
    await world.lose('checkout', SAGA);
    await world.settle();
    expectUndone(world, orders);
  });
});

/**
 * A checkout with one step that is never answered, until it is overdue. Once it is resolved,
 * everything succeeds.
 */
async function overdue(step: string, fault: Fault) {
  let isHealed = false;
  const asked = { since: 0 };
  const { world, orders } = checkoutWorld(inOrder, (key) => {
    if (key !== step) return undefined;
    if (isHealed) asked.since += 1;
    return isHealed ? undefined : fault;
  });
  await openShop(world);
  await until(world, step);
  for (let count = 0; count < 100; count += 1) await world.step();
  await world.pass(301);
  const found = sagaOf(world, SAGA).steps.find(({ name }) => name === step);
  expect(found).toMatchObject({ overdueAt: expect.any(String) });
  const resolve = async (outcome: 'done' | 'not-done') => {
    isHealed = true;
    const said = { step, outcome, note: 'called them' };
    await accepted(world.tell('checkout', SAGA, 'ResolveStep', said));
  };
  return { world, orders, asked, resolve };
}

describe.each(STEPS)('at the step %s, which is never answered, a checkout', (step) => {
  it('is bought when an operator says that it was done, and nothing is asked again', async () => {
    const { world, orders, asked, resolve } = await overdue(step, 'lost after');
    await resolve('done');
    await world.lose('checkout', SAGA);
    await world.settle();
    expectBought(world, orders);
    expect(asked.since).toBe(0);
  });
});

describe.each(BEFORE_RETURN)('at the step %s, which is never answered, a checkout', (step) => {
  it.each(['lost before', 'lost after'] as const)(
    'is undone when an operator says that it was not done, though its answers were %s the deed',
    async (fault) => {
      const { world, orders, resolve } = await overdue(step, fault);
      await resolve('not-done');
      await world.settle();
      expectUndone(world, orders);
    },
  );
});

it('is undone when a compensation is never answered and an operator has done it by hand', async () => {
  let isHealed = false;
  const { world, orders } = checkoutWorld(inOrder, (key) => {
    if (key === 'fulfil') return sagaOf(world, SAGA).status === 'running' ? 'refused' : undefined;
    const isUndoing = key === 'hold' && sagaOf(world, SAGA).status === 'compensating';
    if (isUndoing) expect(isHealed).toBe(false);
    return isUndoing ? 'lost after' : undefined;
  });
  await openShop(world);
  for (let count = 0; count < 200; count += 1) await world.step();
  await world.pass(301);
  isHealed = true;
  await accepted(world.tell('checkout', SAGA, 'ResolveStep', { step: 'hold', note: 'released by hand' }));
  await world.settle();
  expectUndone(world, orders);
});

it('lets goods be returned once it has ended, and not before', async () => {
  const { world } = checkoutWorld(inOrder);
  await openShop(world);
  await until(world, 'fulfil');
  const back = () => world.tell('inventory', 'a', 'ReturnReservation', { reservationId: SAGA });
  expect(await back()).toMatchObject({ code: 'RESERVATION.OWNED' });
  await world.settle();
  await accepted(back());
  expect(await back()).toMatchObject({ code: 'RESERVATION.RETURNED' });
  expect(stockOf(world, 'a')).toMatchObject({ onHand: 10, reserved: 0, sold: 0 });
});

it('needs no account when nothing has to be paid', async () => {
  const { world } = checkoutWorld(inOrder);
  await accepted(world.tell('cart', 'cart', 'Create', { customerId: 'alice' }));
  await accepted(world.tell('inventory', 'a', 'Receive', { quantity: 1 }));
  const gift = { sku: 'a', quantity: 1, unitPrice: 0, currency: 'EUR' };
  await accepted(world.tell('cart', 'cart', 'AddItem', gift));
  await accepted(world.tell('cart', 'cart', 'Checkout', { accountId: 'none' }));
  await world.settle();
  expect(sagaOf(world, SAGA).status).toBe('completed');
  expect(stockOf(world, 'a')).toMatchObject({ onHand: 0, sold: 1 });
});

it('opens its cart again when it cannot be started', async () => {
  const { struck, faultOf } = striking('checkout', 'refused');
  const { world, orders } = checkoutWorld(inOrder, faultOf);
  await openShop(world);
  await world.settle();
  expect(struck).toEqual([1]);
  const lastFailure = { checkoutId: 'checkout-1', reason: 'TEST.REFUSED: by the test' };
  expect(cartOf(world, 'cart')).toMatchObject({ status: 'open', lastFailure });
  // The outcome is in the cart's stream: nothing is started again.
  await world.lose('cart', 'cart');
  await world.settle();
  expect(sagaOf(world, SAGA).status).toBeUndefined();
  await accepted(world.tell('cart', 'cart', 'Checkout', { accountId: 'payer' }));
  await world.settle();
  expect([...orders]).toEqual(['cart:checkout-2']);
});

it('gives the cart a reason that its contract accepts, however long the reason of the cancellation', async () => {
  const { world, orders } = checkoutWorld(inOrder);
  await openShop(world);
  await until(world, 'hold');
  const reason = `a${'😀'.repeat(249)}`;
  expect(text(500).parse(reason)).toBe(reason);
  await accepted(world.tell('checkout', SAGA, 'Cancel', { reason }));
  await world.settle();
  expectUndone(world, orders);
  const told = cartOf(world, 'cart').lastFailure?.reason;
  expect(text(500).parse(told)).toBe(`SAGA.CANCELLED: a${'😀'.repeat(241)}`);
});

describe.each(AFTER_RETURN)('at the step %s, where there is no way back, a checkout', (step) => {
  it('waits for an operator when it is refused, and continues when it is retried', async () => {
    let refusals = 0;
    const { world, orders } = checkoutWorld(inOrder, (key) =>
      key === step && (refusals += 1) === 1 ? 'refused' : undefined,
    );
    await openShop(world);
    await world.settle();
    expect(refusals).toBe(1);
    expect(sagaOf(world, SAGA).steps.at(-1)).toMatchObject({ name: step, status: 'stuck' });
    expect(await world.tell('checkout', SAGA, 'Cancel', { reason: 'no' })).toMatchObject({
      code: 'SAGA.TOO_LATE',
    });
    await accepted(world.tell('checkout', SAGA, 'RetryStep', { step }));
    await world.settle();
    expectBought(world, orders);
  });
});
