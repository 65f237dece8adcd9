import { expect } from '@jest/globals';
import type { Effect } from '#libs/core/effect.js';
import type { SagaState } from '#libs/core/saga/saga.state.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import type { AccountState } from '../../apps/account/src/domain/account.state.js';
import { transferDecider } from '../../apps/account/src/domain/transfer.saga.js';
import { createCartDecider } from '../../apps/cart/src/domain/cart.decider.js';
import type { CartState } from '../../apps/cart/src/domain/cart.state.js';
import {
  CANCEL_FULFILMENT,
  createCheckoutDecider,
  FULFIL,
} from '../../apps/cart/src/domain/checkout.saga.js';
import { approvalDecider } from '../../apps/desk/src/domain/approval.decider.js';
import { inventoryDecider } from '../../apps/inventory/src/domain/inventory.decider.js';
import type { InventoryState } from '../../apps/inventory/src/domain/inventory.state.js';
import { cardOperationDecider, cardProvider } from './card-operations.js';
import { type FaultOf, World } from './world.js';

const WEEK_SECONDS = 7 * 24 * 3_600;

/** A world with the real rules of all three services. Fulfilled orders are in `orders`. */
export function checkoutWorld(
  random: () => number,
  faultOf?: FaultOf,
  /** Changes what the saga requests. */
  changed: (effect: Effect) => Effect = (same) => same,
  /** What the provider of fulfilment answers to an order. */
  fulfilled: { readonly later?: true } = {},
) {
  const orders = new Set<string>();
  const { payments, calls } = cardProvider();
  const checkout = createCheckoutDecider({ patienceSeconds: 600 });
  const world = new World(
    {
      account: accountDecider,
      cardOperation: cardOperationDecider,
      transfer: transferDecider,
      approval: approvalDecider,
      cart: createCartDecider({ reminderSeconds: WEEK_SECONDS, expirySeconds: 2 * WEEK_SECONDS }),
      checkout: { ...checkout, react: (...of) => (checkout.react?.(...of) ?? []).map(changed) },
      inventory: inventoryDecider,
    },
    {
      [FULFIL]: async ({ order }) => (orders.add(order as string), { ...fulfilled }),
      [CANCEL_FULFILMENT]: async ({ order }) => (orders.delete(order as string), {}),
      nothing: async () => ({}),
      ...calls,
    },
    random,
    faultOf,
  );
  return { world, orders, payments };
}

export async function accepted(outcome: Promise<{ status: string }>): Promise<void> {
  expect(await outcome).toMatchObject({ status: 'accepted' });
}

export const accountOf = (world: World, id: string) => world.state('account', id) as unknown as AccountState;
export const cartOf = (world: World, id: string) => world.state('cart', id) as unknown as CartState;
export const stockOf = (world: World, sku: string) =>
  world.state('inventory', sku) as unknown as InventoryState;
export const sagaOf = (world: World, id: string) => world.state('checkout', id) as unknown as SagaState;
