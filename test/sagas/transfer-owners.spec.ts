import { beforeEach, expect, it } from '@jest/globals';
import type { SagaState } from '#libs/core/saga/saga.state.js';
import { transferDecider } from '../../apps/account/src/domain/transfer.saga.js';
import { accepted, accountOf, checkoutWorld } from './checkout.world.js';
import type { World } from './world.js';

let world: World;

beforeEach(async () => {
  ({ world } = checkoutWorld(() => 0));
  for (const owner of ['alice', 'bob']) {
    await accepted(world.tell('account', `of-${owner}`, 'Open', { owner, currency: 'EUR' }));
    await accepted(world.tell('account', `of-${owner}`, 'Deposit', { amount: 100 }));
  }
});

/** A transfer of 60, once it has ended. */
async function transfer(id: string, from: string, to: string, onlyFor?: string): Promise<SagaState> {
  const data = { from, to, amount: 60, currency: 'EUR' };
  await accepted(world.tell('transfer', id, 'Start', data, onlyFor));
  await world.settle();
  return world.state('transfer', id) as unknown as SagaState;
}

const balances = () => ['of-alice', 'of-bob'].map((id) => accountOf(world, id).balance);

it('a customer moves money out of an account of its own, and owns the transfer', async () => {
  const state = await transfer('t-1', 'of-alice', 'of-bob', 'alice');
  expect(state).toMatchObject({ status: 'completed', startedBy: 'alice' });
  expect(transferDecider.owner?.(state as never)).toBe('alice');
  expect(balances()).toEqual([40, 160]);
});

it('the account of another is refused as if there were none', async () => {
  const causeOf = async (id: string, from: string) => {
    const { status, cause } = await transfer(id, from, 'of-alice', 'alice');
    return { status, cause: JSON.stringify(cause).replaceAll(from, 'ACCOUNT') };
  };
  const foreign = await causeOf('t-1', 'of-bob');
  expect(foreign).toEqual(await causeOf('t-2', 'of-nobody'));
  expect(foreign).toMatchObject({
    status: 'compensated',
    cause: expect.stringContaining('ACCOUNT.NOT_OPENED'),
  });
  expect(balances()).toEqual([100, 100]);
  expect(world.events.filter(({ type }) => type === 'HoldPlaced')).toEqual([]);
});

it('a teller moves the money of any customer', async () => {
  const state = await transfer('t-1', 'of-bob', 'of-alice');
  expect(state).toMatchObject({ status: 'completed', startedBy: 'test' });
  expect(balances()).toEqual([160, 40]);
});

it('nobody cancels or takes over the transfer of another', async () => {
  const data = { from: 'of-alice', to: 'of-bob', amount: 60, currency: 'EUR' };
  await accepted(world.tell('transfer', 't-1', 'Start', data, 'alice'));
  const byBob = (type: string, of: object) => world.tell('transfer', 't-1', type, of as never, 'bob');
  expect(await byBob('Cancel', { reason: 'spite' })).toMatchObject({
    code: 'SAGA.NOT_STARTED',
    revision: -1,
  });
  expect(await byBob('Start', { ...data, from: 'of-bob', to: 'of-alice' })).toMatchObject({
    code: 'ENTITY.NOT_FOUND',
  });
});
