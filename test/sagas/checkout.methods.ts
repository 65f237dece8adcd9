import { expect } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { accountOf, cartOf, checkoutWorld, sagaOf, stockOf } from './checkout.world.js';
import { PRICE } from './open-shop.js';
import type { Fault, FaultOf } from './world.js';

export const SAGA = 'cart:checkout-1';

/** How a checkout is paid. */
export interface Method {
  /** In titles of tests. */
  readonly by: string;
  /** The data of the command. */
  readonly paying: JsonObject;
  /** The step that holds the money. */
  readonly hold: string;
  /** Steps whose outcome comes with an answer of their own. */
  readonly answered: readonly string[];
}

export const byAccount: Method = { by: '', paying: { accountId: 'payer' }, hold: 'hold', answered: [] };
const byCard: Method = {
  by: ' by card',
  paying: { payment: { method: 'card', card: 'tok_visa' } },
  hold: 'authorise',
  answered: ['authorise', 'capture'],
};

interface Cell extends Method {
  readonly step: string;
  readonly method: Method;
}

/** Each of the steps with each method. `hold` stands for the step that holds the money. */
export function cellsOf(steps: readonly string[]): readonly Cell[] {
  return [byAccount, byCard].flatMap((method) =>
    steps.map((name) => ({ ...method, method, step: name === 'hold' ? method.hold : name })),
  );
}

/** A world for one checkout that is paid by a method, and fulfilled at once or `later`. */
export function checkoutBy(method: Method, faultOf?: FaultOf, fulfilled: { readonly later?: true } = {}) {
  return { method, ...checkoutWorld(() => 0, faultOf, undefined, fulfilled) };
}

type Shop = ReturnType<typeof checkoutBy>;

export function expectBought({ world, orders, payments, method }: Shop): void {
  const isCard = method !== byAccount;
  expect(sagaOf(world, SAGA).status).toBe('completed');
  expect(cartOf(world, 'cart').status).toBe('completed');
  const balance = isCard ? 10_000 : 10_000 - 4 * PRICE;
  expect(accountOf(world, 'payer')).toMatchObject({ balance, held: 0, holds: [] });
  expect([...payments]).toEqual(isCard ? [[SAGA, 'taken']] : []);
  for (const sku of ['a', 'b']) {
    expect(stockOf(world, sku)).toMatchObject({ onHand: 8, reserved: 0, reservations: [] });
  }
  expect([...orders]).toEqual([SAGA]);
}

export function expectUndone({ world, orders, payments }: Shop): void {
  expect(sagaOf(world, SAGA).status).toBe('compensated');
  expect(cartOf(world, 'cart').status).toBe('open');
  expect(accountOf(world, 'payer')).toMatchObject({ balance: 10_000, held: 0, holds: [] });
  expect([...payments.values()].filter((state) => state !== 'undone')).toEqual([]);
  for (const sku of ['a', 'b']) {
    expect(stockOf(world, sku)).toMatchObject({ onHand: 10, reserved: 0, reservations: [] });
  }
  expect([...orders]).toEqual([]);
}

/**
 * Whether an effect has to fail for a step to stay without an outcome. If the step is answered
 * later, what comes after the deed is the answer.
 */
export function leavesUnanswered(step: string, { answered }: Method, fault: Fault): FaultOf {
  if (fault === 'lost before' || !answered.includes(step)) {
    return (key) => (key === step ? fault : undefined);
  }
  return (_key, _attempt, action) =>
    action.kind === 'send' && action.command.type === 'RecordStep' && action.command.data['key'] === step
      ? 'lost before'
      : undefined;
}
