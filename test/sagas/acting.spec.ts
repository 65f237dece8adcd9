import { expect, it } from '@jest/globals';
import { checkoutWorld } from './checkout.world.js';
import { openShop } from './open-shop.js';
import type { World } from './world.js';

const SAGA = 'checkout-default.cart:checkout-1';
const CLIENT = 'test';

/** Who acted in the events of a type, and on whose behalf. */
function actingFor(world: World, type: string): readonly (readonly [string, string | undefined])[] {
  return world.events
    .filter((event) => event.type === type)
    .map(({ metadata: { actor, onBehalfOf } }) => [actor, onBehalfOf]);
}

it('a saga and those that it asks act themselves, on behalf of the client that began it', async () => {
  const { world } = checkoutWorld(() => 0);
  await openShop(world);
  await world.settle();
  expect(actingFor(world, 'CheckoutRequested')).toEqual([[CLIENT, undefined]]);
  expect(actingFor(world, 'SagaStarted')).toEqual([['cart-default.cart', CLIENT]]);
  expect(actingFor(world, 'HoldPlaced')).toEqual([[SAGA, CLIENT]]);
  expect(actingFor(world, 'SagaCompleted')).toEqual([[SAGA, CLIENT]]);
  for (const { metadata } of world.events) {
    if (metadata.actor !== CLIENT) expect(metadata).toMatchObject({ onBehalfOf: CLIENT });
  }
});

it('a deadline is on behalf of nobody', async () => {
  const isNeverDone = (step: string) => (step === 'hold' ? 'lost before' : undefined);
  const { world } = checkoutWorld(() => 0, isNeverDone);
  await openShop(world);
  await world.step();
  await world.pass(601);
  expect(actingFor(world, 'CompensationBegun')).toEqual([['system:deadline', undefined]]);
});
