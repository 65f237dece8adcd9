import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SagaState } from '#libs/core/saga/saga.state.js';
import type { AccountState, SpendingRequest } from '../../apps/account/src/domain/account.state.js';
import { accepted, accountOf, checkoutWorld } from './checkout.world.js';
import { depthOf } from '../support/depth.js';
import type { World } from './world.js';

const DAY_SECONDS = 24 * 3_600;

/** Accounts of Alice and Bob with 100 each. More than 50 leaves that of Alice only if approved. */
async function limited(random: () => number = () => 0, withinSeconds = 3 * DAY_SECONDS): Promise<World> {
  const { world } = checkoutWorld(random);
  for (const owner of ['alice', 'bob']) {
    await accepted(world.tell('account', owner, 'Open', { owner, currency: 'EUR' }));
    await accepted(world.tell('account', owner, 'Deposit', { amount: 100 }));
  }
  const approvers = { candidates: ['user:tom', 'user:ute'], needed: 1, withinSeconds };
  await accepted(world.tell('account', 'alice', 'SetApprovalLimit', { amount: 50, ...approvers }));
  return world;
}

const start = (world: World, id: string, amount: number) =>
  accepted(world.tell('transfer', id, 'Start', { from: 'alice', to: 'bob', amount, currency: 'EUR' }));

const sagaOf = (world: World, id: string) => world.state('transfer', id) as unknown as SagaState;
const balances = (world: World) =>
  ['alice', 'bob'].map((id) => {
    const { balance, held }: AccountState = accountOf(world, id);
    return { balance, held };
  });
const untouched = [
  { balance: 100, held: 0 },
  { balance: 100, held: 0 },
];
const moved = (amount: number) => [
  { balance: 100 - amount, held: 0 },
  { balance: 100 + amount, held: 0 },
];

function requestsOf(world: World): readonly SpendingRequest[] {
  return accountOf(world, 'alice').requests ?? [];
}

async function decide(world: World, type: 'Approve' | 'Reject', request = requestsOf(world)[0]) {
  const { approvalId = '', contentHash = '' } = request ?? {};
  const data = type === 'Approve' ? { contentHash } : { reason: 'too much' };
  return world.tell('approval', approvalId, type, data, 'tom');
}

/** A transfer of 60 that waits for approval. */
async function waiting(withinSeconds?: number): Promise<World> {
  const world = await limited(undefined, withinSeconds);
  await start(world, 't-1', 60);
  await world.settle();
  expect(sagaOf(world, 't-1')).toMatchObject({
    status: 'running',
    steps: [{ name: 'hold', status: 'running', waitingSince: expect.any(String) }],
  });
  expect(balances(world)).toEqual([
    { balance: 100, held: 60 },
    { balance: 100, held: 0 },
  ]);
  return world;
}

describe('a transfer', () => {
  it('up to the limit needs no approval', async () => {
    const world = await limited();
    await start(world, 't-1', 50);
    await world.settle();
    expect(sagaOf(world, 't-1').status).toBe('completed');
    expect(balances(world)).toEqual(moved(50));
  });
});

describe('a transfer above the limit', () => {
  it('continues once it is approved, however long that takes', async () => {
    const world = await waiting();
    await world.pass(2 * DAY_SECONDS);
    await world.settle();
    expect(sagaOf(world, 't-1')).toMatchObject({ status: 'running' });
    await accepted(decide(world, 'Approve'));
    await world.settle();
    expect(sagaOf(world, 't-1').status).toBe('completed');
    expect(balances(world)).toEqual(moved(60));
  });

  it('ends without effect when it is rejected, for that reason', async () => {
    const world = await waiting();
    await accepted(decide(world, 'Reject'));
    await world.settle();
    expect(sagaOf(world, 't-1')).toMatchObject({
      status: 'compensated',
      cause: { code: 'APPROVAL.REFUSED', detail: 'too much' },
    });
    expect(balances(world)).toEqual(untouched);
  });

  it('ends without effect when nobody decides in time', async () => {
    const world = await waiting(DAY_SECONDS);
    await world.pass(DAY_SECONDS);
    await world.settle();
    expect(sagaOf(world, 't-1')).toMatchObject({
      status: 'compensated',
      cause: { code: 'APPROVAL.REFUSED', detail: expect.stringContaining('nobody decided') },
    });
    expect(balances(world)).toEqual(untouched);
  });

  it('ends without effect when it is cancelled, and its approval is withdrawn', async () => {
    const world = await waiting();
    const { approvalId = '' } = requestsOf(world)[0] ?? {};
    await accepted(world.tell('transfer', 't-1', 'Cancel', { reason: 'changed my mind' }));
    await world.settle();
    expect(sagaOf(world, 't-1')).toMatchObject({ status: 'compensated', cause: { code: 'SAGA.CANCELLED' } });
    expect(balances(world)).toEqual(untouched);
    expect(world.state('approval', approvalId)).toMatchObject({ status: 'withdrawn' });
  });

  it('ends without effect when the account is frozen before it is approved', async () => {
    const world = await waiting();
    await accepted(world.tell('account', 'alice', 'Freeze', { reason: 'suspicion' }));
    await accepted(decide(world, 'Approve'));
    await world.settle();
    expect(sagaOf(world, 't-1')).toMatchObject({ status: 'compensated' });
    expect(balances(world)).toEqual(untouched);
  });

  it('gives the money back when it is approved and cancelled at the same time', async () => {
    const world = await waiting();
    await accepted(decide(world, 'Approve'));
    await accepted(world.tell('transfer', 't-1', 'Cancel', { reason: 'changed my mind' }));
    await world.settle();
    expect(sagaOf(world, 't-1').status).toBe('compensated');
    expect(balances(world)).toEqual(untouched);
  });

  it('still waits after its account, its saga and its approval were lost', async () => {
    const world = await waiting();
    const [request] = requestsOf(world);
    const all = [
      ['account', 'alice'],
      ['transfer', 't-1'],
      ['approval', request?.approvalId ?? ''],
    ] as const;
    for (const [category, id] of all) await world.lose(category, id);
    await world.settle();
    await accepted(decide(world, 'Approve', request));
    for (const [category, id] of all) await world.lose(category, id);
    await world.settle();
    expect(sagaOf(world, 't-1').status).toBe('completed');
    expect(balances(world)).toEqual(moved(60));
  });
});

describe('any transfers, decisions, cancellations and losses, in any order', () => {
  const step = fc.record({
    type: fc.constantFrom(
      'start',
      'start',
      'approve',
      'reject',
      'cancel',
      'freeze',
      'release',
      'pass',
      'lose',
    ),
    amount: fc.integer({ min: 1, max: 90 }),
    which: fc.nat({ max: 5 }),
    effects: fc.nat({ max: 6 }),
  });

  async function perform(
    world: World,
    { type, amount, which }: { type: string; amount: number; which: number },
    number: number,
  ): Promise<void> {
    const request = requestsOf(world)[which % Math.max(1, requestsOf(world).length)];
    const id = `t-${which}`;
    if (type === 'start') await world.tell('transfer', `t-${number}`, 'Start', of(amount));
    if (type === 'approve' && request) await decide(world, 'Approve', request);
    if (type === 'reject' && request) await decide(world, 'Reject', request);
    if (type === 'cancel') await world.tell('transfer', id, 'Cancel', { reason: 'changed my mind' });
    if (type === 'release') await world.tell('account', 'alice', 'ReleaseHold', { holdId: id });
    if (type === 'freeze') {
      const freeze = which % 2 === 0 ? 'Freeze' : 'Unfreeze';
      await world.tell('account', 'alice', freeze, { reason: 'a check' });
    }
    if (type === 'pass') await world.pass(which * 600);
    if (type === 'lose')
      await world.lose(which % 2 === 0 ? 'account' : 'transfer', which % 2 === 0 ? 'alice' : id);
  }

  const of = (amount: number) => ({ from: 'alice', to: 'bob', amount, currency: 'EUR' });

  it('keep the money, and hold none of it in the end', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        async (steps, choices) => {
          const world = await limited(() => Number(choices.next().value));
          for (const [number, next] of steps.entries()) {
            await perform(world, next, number);
            for (let count = 0; count < next.effects; count += 1) await world.step();
          }
          await world.settle();
          // Nobody decides on the rest.
          await world.pass(4 * DAY_SECONDS);
          await world.settle();
          const [alice, bob] = ['alice', 'bob'].map((id) => accountOf(world, id));
          expect(Number(alice?.balance) + Number(bob?.balance)).toBe(200);
          expect([alice?.held, bob?.held, requestsOf(world)]).toEqual([0, 0, []]);
          const sagas = steps.map((_, number) => sagaOf(world, `t-${number}`));
          const ended = [undefined, 'completed', 'compensated'];
          expect(sagas.filter(({ status }) => !ended.includes(status))).toEqual([]);
          const amounts = sagas
            .filter(({ status }) => status === 'completed')
            .map(({ input }) => Number(input?.['amount']));
          expect(bob?.balance).toBe(100 + amounts.reduce((sum, amount) => sum + amount, 0));
        },
      ),
      { numRuns: depthOf('PROPERTY_RUNS') },
    ));
});
