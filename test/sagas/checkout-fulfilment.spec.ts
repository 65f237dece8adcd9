import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { byAccount, checkoutBy, expectBought, expectUndone, SAGA } from './checkout.methods.js';
import { accepted, sagaOf } from './checkout.world.js';
import { openShop } from './open-shop.js';

const MONTH_SECONDS = 30 * 24 * 3_600;
const completed = { status: 'completed', result: {} };
const lost = { status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' };

type Shop = ReturnType<typeof checkoutBy>;

const stepOf = ({ world }: Shop) => sagaOf(world, SAGA).steps.find(({ name }) => name === 'fulfil');
const report = ({ world }: Shop, outcome: JsonObject, place = 'step fulfil') =>
  world.tell('checkout', SAGA, 'EndCallback', { place: `checkout-default.${SAGA}/${place}`, outcome });

/** A checkout whose order was taken, to be fulfilled in days. */
async function taken(): Promise<Shop> {
  const shop = checkoutBy(byAccount, undefined, { later: true });
  await openShop(shop.world);
  await shop.world.settle();
  expect([...shop.orders]).toEqual([SAGA]);
  expect(stepOf(shop)).toMatchObject({ status: 'running', waitingSince: expect.any(String) });
  return shop;
}

describe('a checkout whose order is fulfilled later', () => {
  it('ends bought when that is reported, however long it takes, and whatever is lost meanwhile', async () => {
    const shop = await taken();
    await shop.world.pass(MONTH_SECONDS - 1);
    await shop.world.lose('checkout', SAGA);
    await shop.world.settle();
    expect(stepOf(shop)).toMatchObject({ status: 'running' });
    await accepted(report(shop, completed));
    await shop.world.settle();
    expectBought(shop);
    expect(await report(shop, lost)).toMatchObject({ code: 'SAGA.STEP_SETTLED' });
  });

  it('is undone when the order fails, and has it cancelled', async () => {
    const shop = await taken();
    await accepted(report(shop, lost));
    await shop.world.settle();
    expectUndone(shop);
    expect(sagaOf(shop.world, SAGA).cause).toMatchObject({ code: 'PARCEL.LOST' });
  });

  it('is stuck when nothing is reported in time, and continues once a person retries it', async () => {
    const shop = await taken();
    await shop.world.pass(MONTH_SECONDS);
    expect(stepOf(shop)).toMatchObject({ status: 'stuck', refusal: { code: 'SAGA.CALLBACK_LATE' } });
    await accepted(shop.world.tell('checkout', SAGA, 'RetryStep', { step: 'fulfil' }));
    await shop.world.settle();
    expect(await report(shop, completed)).toMatchObject({ code: 'SAGA.STEP_SETTLED' });
    await accepted(report(shop, completed, 'step fulfil#2'));
    await shop.world.settle();
    expectBought(shop);
  });

  it('is undone when a person says that it will not be fulfilled', async () => {
    const shop = await taken();
    const said = { step: 'fulfil', note: 'out of business', outcome: 'not-done' };
    await accepted(shop.world.tell('checkout', SAGA, 'ResolveStep', said));
    await shop.world.settle();
    expectUndone(shop);
  });
});
