import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { HOUR, MINUTE } from '#libs/testing/moments.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

const server = accountServer();
const { store } = server;
beforeAll(() => server.open());
afterAll(() => server.close());

let account: AccountDriver;
beforeEach(async () => {
  account = await AccountDriver.with(server, opened);
});

afterEach(() => store.setAway(false));

/** Acts as a worker that dies before it can tell the entity: decides a batch and writes it. */
async function writeAndDie(...batch: readonly CommandEnvelope[]): Promise<void> {
  const logger = pino({ level: 'silent' });
  const activities = createEntityActivities({
    decider: accountDecider,
    store,
    logger,
    clockToleranceMilliseconds: Infinity,
  });
  const fold = await account.folded();
  const now = await server.moment();
  await activities.decideAndAppend({ stream: account.stream, fold, batch, now, searchStream: false });
}

async function expectLiveIsFolded(): Promise<void> {
  expect(await account.state()).toEqual(await account.folded());
}

describe('when the answer to an append is lost', () => {
  it.each([
    ['after it was written', 'lost-after-write'],
    ['before it was written', 'lost-before-write'],
  ] as const)('%s, the command is applied once', async (_, fault) => {
    store.failNext(fault);
    const [outcome] = await account.update(account.deposit('once'));
    expect(outcome).toMatchObject({ status: 'accepted', revision: 1 });
    expect(account.deposits).toEqual(['once']);
    await expectLiveIsFolded();
  });

  it('again and again, the command is applied once', async () => {
    store.failNext('lost-before-write', 'lost-after-write', 'lost-after-write', 'lost-before-write');
    const outcomes = await account.update(account.deposit('once'), account.deposit('twin'));
    expect(outcomes).toMatchObject([
      { status: 'accepted', revision: 1 },
      { status: 'accepted', revision: 2 },
    ]);
    expect(account.deposits).toEqual(['once', 'twin']);
    await expectLiveIsFolded();
  });
});

describe('after a worker that wrote and died', () => {
  it('the next one finds what was written, and decides the rest, also in a larger batch', async () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => account.deposit(name)) as [
      CommandEnvelope,
      CommandEnvelope,
      CommandEnvelope,
      CommandEnvelope,
    ];
    await account.update(a);
    await writeAndDie(b, c);
    const outcomes = await account.update(b, c, d);
    expect(outcomes).toMatchObject([
      { status: 'accepted', revision: 2 },
      { status: 'accepted', revision: 3 },
      { status: 'accepted', revision: 4 },
    ]);
    expect(account.deposits).toEqual(['a', 'b', 'c', 'd']);
    await expectLiveIsFolded();
  });

  it('a command is decided on the latest state', async () => {
    await account.update(account.deposit('a', { amount: 5 }));
    const withdraw = account.command('w', { type: 'Withdraw', data: { amount: 9 } });
    await writeAndDie(account.deposit('b', { amount: 5 }));
    const [outcome] = await account.update(withdraw);
    expect(outcome).toMatchObject({ status: 'accepted', revision: 3 });
    await expectLiveIsFolded();
  });

  it('so is one that is rejected', async () => {
    await account.update(account.deposit('a', { amount: 5 }));
    await writeAndDie(account.command('w', { type: 'Withdraw', data: { amount: 4 } }));
    const [outcome] = await account.update(account.command('w2', { type: 'Withdraw', data: { amount: 5 } }));
    expect(outcome).toMatchObject({ status: 'rejected', code: 'ACCOUNT.INSUFFICIENT_FUNDS', revision: 2 });
    await expectLiveIsFolded();
  });

  it('a key that was used then belongs to the command that was written', async () => {
    await account.update(account.deposit('a'));
    await writeAndDie(account.deposit('b', { key: 'k' }));
    const [other, first] = await account.update(
      account.deposit('other', { key: 'k2' }),
      account.deposit('b', { key: 'k' }),
    );
    const [reused] = await account.update(account.deposit('c', { key: 'k' }));
    expect(other).toMatchObject({ status: 'accepted', revision: 3 });
    expect(first).toMatchObject({ status: 'accepted', revision: 2 });
    expect(reused).toMatchObject({ status: 'rejected', code: 'IDEMPOTENCY.KEY_REUSED' });
    expect(account.deposits).toEqual(['a', 'b', 'other']);
  });
});

describe('when the store is away', () => {
  it('for minutes, commands wait in their order, the state is answered, and nothing is lost', async () => {
    await account.update(account.deposit('before'));
    const names = Array.from({ length: 20 }, (_, index) => `d-${index}`);
    store.setAway(true);
    for (const name of names) await account.signal(account.deposit(name));
    await account.untilPending(account.deposit('d-19'));
    await server.skip(10 * MINUTE * 1_000);
    expect(await account.state()).toMatchObject({ revision: 1 });
    const { actor, sentAt } = account.deposit('d-0');
    expect(await account.receipt(account.deposit('d-0'))).toEqual({ status: 'pending', actor, sentAt });
    store.setAway(false);
    await server.skip(MINUTE * 1_000);
    await account.untilSettled(account.deposit('d-19'));
    expect(account.deposits).toEqual(['before', ...names]);
    await expectLiveIsFolded();
  });

  it('at the very first command, the entity loads once it is back', async () => {
    const first = account.deposit('first');
    store.setAway(true);
    await account.signal(first);
    await account.untilPending(first);
    expect(await account.state()).toBeNull();
    store.setAway(false);
    await server.skip(MINUTE * 1_000);
    expect(await account.untilSettled(first)).toMatchObject({ status: 'accepted', revision: 1 });
  });

  it('when a hold falls due, it expires once the store is back', async () => {
    await account.update(account.deposit('money', { amount: 100, at: await server.moment() }));
    await account.update(await account.holdUntil('h', await server.moment(HOUR * 1_000)));
    store.setAway(true);
    await server.skip(2 * HOUR * 1_000);
    store.setAway(false);
    await server.skip(MINUTE * 1_000);
    await until(
      async () => account.events.length,
      (count) => count >= 4,
    );
    expect(account.written.map(({ type }) => type)).toEqual([
      'AccountOpened',
      'MoneyDeposited',
      'HoldPlaced',
      'HoldExpired',
    ]);
  });
});

describe('when the store refuses an append', () => {
  it('only the command at fault fails, and the others are applied', async () => {
    store.failNext('refused', 'refused');
    const outcomes = await account.update(
      account.deposit('faulty'),
      account.deposit('b'),
      account.deposit('c'),
    );
    expect(outcomes).toMatchObject([
      { status: 'failed', code: 'INTERNAL.DEFECT' },
      { status: 'accepted', revision: 1 },
      { status: 'accepted', revision: 2 },
    ]);
    expect(account.deposits).toEqual(['b', 'c']);
    await expectLiveIsFolded();
  });
});
