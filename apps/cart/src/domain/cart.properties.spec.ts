import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cartContract, type CartCommand, type CartEvent } from '#contracts/cart/cart.contract.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { type LifeStep, LivingEntity } from '#libs/testing/living-entity.js';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import { createCartDecider } from './cart.decider.js';
import { timing } from './cart.fixture.js';
import { priceCart } from './cart.prices.js';
import type { CartState } from './cart.state.js';
import { presentCart } from './cart.view.js';
import { depthOf } from '../../../../test/support/depth.js';

type Type = CartCommand['type'];

const step = fc.record({
  pause: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: HOUR }) },
    { weight: 1, arbitrary: fc.integer({ min: DAY, max: 8 * DAY }) },
  ),
  type: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom<Type>('AddItem', 'ChangeQuantity', 'AddItem') },
    { weight: 4, arbitrary: fc.constantFrom<Type>('RemoveItem', 'ApplyCoupon', 'RemoveCoupon') },
    { weight: 6, arbitrary: fc.constantFrom<Type>('Checkout', 'FailCheckout', 'RefuseCheckout') },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Type>('CompleteCheckout', 'Abandon', 'AssignCustomer', 'Remind', 'Expire'),
    },
  ),
  sku: fc.constantFrom('cd', 'book', 'pen', 'yacht'),
  quantity: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(998, 999)),
  unitPrice: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 50) },
  ),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
  basisPoints: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
  attempt: fc.integer({ min: 1, max: 3 }),
  endsBatch: fc.boolean(),
  ringsAlarm: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const refusal = { key: 'checkout', status: 'refused', attempts: 1, code: 'NO', detail: '' } as const;

function dataOf({ type, sku, quantity, unitPrice, currency, ...more }: Step): TestCommand['data'] {
  const { basisPoints, attempt } = more;
  switch (type) {
    case 'AddItem':
      return attempt === 1
        ? { sku, quantity, listed: [{ unitPrice, currency }] }
        : { sku, quantity, unitPrice, currency };
    case 'ChangeQuantity':
      return { sku, quantity };
    case 'RemoveItem':
      return { sku };
    case 'ApplyCoupon':
      return {
        code: 'c',
        ...(basisPoints === undefined ? { amount: Math.max(1, unitPrice), currency } : { basisPoints }),
      };
    case 'Checkout':
      return { accountId: 'alice-usd' };
    case 'CompleteCheckout':
      return { checkoutId: `checkout-${attempt}` };
    case 'FailCheckout':
      return { checkoutId: `checkout-${attempt}`, reason: 'no stock' };
    case 'RefuseCheckout':
      return { ...refusal, echo: `checkout-${attempt}` };
    case 'AssignCustomer':
      return { customerId: 'bob' };
    default:
      return {};
  }
}

/** Must hold after every single event. */
function expectSound(state: CartState): void {
  const { lines, subtotal, discount, total } = priceCart(state);
  expect(state.currency === undefined).toBe(lines.length === 0);
  const { amount, currency } = state.coupon ?? {};
  if (amount !== undefined && currency !== state.currency) expect(discount).toBe(0);
  expect(Number.isSafeInteger(subtotal)).toBe(true);
  expect(total).toBe(subtotal - discount);
  expect(total).toBeGreaterThanOrEqual(0);
  expect(lines.reduce((sum, line) => sum + line.total, 0)).toBe(total);
  expect(lines.every(({ quantity }) => quantity >= 1 && quantity <= 999)).toBe(true);
  expect(new Set(lines.map(({ sku }) => sku)).size).toBe(lines.length);
}

async function live(
  steps: readonly Step[],
  look: (state: CartState, event: CartEvent) => void = expectSound,
) {
  const cart = new LivingEntity(createCartDecider(timing), look);
  let now = 0;
  const life: LifeStep[] = [
    { command: { type: 'Create', data: { customerId: 'alice' } }, endsBatch: false, ringsAlarm: false },
    ...steps.map((next) => {
      now += next.pause;
      const { type, endsBatch, ringsAlarm } = next;
      return { command: { type, data: dataOf(next), at: moment(now) }, endsBatch, ringsAlarm };
    }),
  ];
  await cart.live(life);
  return cart;
}

describe('any sequence of commands', () => {
  const sequences = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });
  const runs = { numRuns: depthOf('PROPERTY_RUNS') };

  it('keeps the prices sound at every revision, and the state equal to the fold of its stream', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const cart = await live(steps);
        expect(cart.fold).toEqual(await cart.refold());
        expect(JSON.parse(JSON.stringify(cart.state))).toEqual(cart.state);
        const view = presentCart(cart.state);
        expect(cartContract.view.parse(view)).toEqual(view);
      }),
      runs,
    ));

  it('checks out what was shown, and changes neither during a checkout nor after it was bought', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        let shown = presentCart(createCartDecider(timing).initialState);
        let status = 'none';
        await live(steps, (state, { type, data }) => {
          if (status === 'checking-out') expect(type).toMatch(/^Checkout(Completed|Failed)$/);
          expect(['completed', 'abandoned', 'expired']).not.toContain(status);
          if (type === 'CheckoutRequested') {
            const { lines, subtotal, discount, total } = shown;
            expect(data).toMatchObject({ lines, subtotal, discount, total });
          }
          if (type === 'CheckoutCompleted') expect(data.total).toBe(shown.total);
          shown = presentCart(state);
          status = state.status;
        });
      }),
      runs,
    ));

  it('answers the command of a stranger as if there were no cart, and writes nothing', () =>
    fc.assert(
      fc.asyncProperty(sequences, step, fc.nat({ max: 30 }), async (steps, next, expected) => {
        const cart = await live(steps);
        const { type, endsBatch, ringsAlarm } = next;
        // The stranger may also try to create the cart for itself, and guesses a revision.
        const made = { type: 'Create', data: { customerId: 'mallory' } };
        const command = { ...(ringsAlarm ? made : { type, data: dataOf(next) }), at: moment(600 * DAY) };
        const guess = endsBatch ? { expectedRevision: expected - 1 } : {};
        await cart.expectHiddenFrom('mallory', command, guess);
      }),
      runs,
    ));

  it('answers every command once, in the words of the contract', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        (await live(steps)).expectInWordsOf(cartContract, steps.length + 1);
      }),
      runs,
    ));
});
