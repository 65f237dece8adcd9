import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountCommand } from '#contracts/account/account.contract.js';
import { HOUR, MINUTE } from '#libs/testing/moments.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { deposited, expired, opened } from '../../apps/account/src/domain/account.fixture.js';
import type { AccountState } from '../../apps/account/src/domain/account.state.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

let isExpiryBroken = false;
let decisions = 0;

const server = accountServer({
  clockToleranceMilliseconds: 10_000,
  deciders: [
    {
      ...accountDecider,
      decide: (command: AccountCommand, state: AccountState) => {
        if (command.type === 'ExpireHold' && isExpiryBroken) throw new TypeError('a defect in the rule');
        return accountDecider.decide(command, state);
      },
    },
  ],
  wrap: (activities) => ({
    ...activities,
    decideAndAppend: (request) => {
      decisions += 1;
      return activities.decideAndAppend(request);
    },
  }),
});
beforeAll(() => server.open());
afterAll(() => server.close());

let account: AccountDriver;
beforeEach(async () => {
  account = await AccountDriver.with(server, opened, deposited(100));
});

const inHours = (hours: number) => server.moment(hours * HOUR * 1_000);
const skipHours = (hours: number) => server.skip(hours * HOUR * 1_000);
const expiries = () => account.written.filter(({ type }) => type === 'HoldExpired');

async function untilExpired(count: number): Promise<void> {
  await until(
    async () => expiries().length,
    (seen) => seen >= count,
  );
}

describe('a hold with a deadline', () => {
  it('expires when the time has come, not before, and once', async () => {
    const deadline = await inHours(1);
    await account.update(await account.holdUntil('h', deadline));
    await server.skip((HOUR - MINUTE) * 1_000);
    expect(await account.state()).toMatchObject({ revision: 2, state: { held: 60 } });
    await server.skip(2 * MINUTE * 1_000);
    await untilExpired(1);
    await skipHours(3);
    expect(expiries()).toEqual([expired('h', 60)]);
    expect(account.events.at(-1)?.metadata).toMatchObject({ at: deadline, actor: 'system:deadline' });
    expect(await account.state()).toEqual(await account.folded());
    expect(await account.state()).toMatchObject({ revision: 3, state: { held: 0, balance: 100 } });
  });

  it('is unchanged when a host whose clock is an hour ahead sends the next command', async () => {
    const deadline = await inHours(1);
    await account.update(await account.holdUntil('h', deadline));
    const at = await inHours(2);
    await account.update(account.deposit('from the wrong clock', { at }));
    expect(await account.state()).toMatchObject({ revision: 3, state: { held: 60, balance: 101 } });
    await skipHours(1.1);
    await untilExpired(1);
    expect(account.events.at(-1)?.metadata).toMatchObject({ at: deadline });
    expect(await account.state()).toEqual(await account.folded());
  });

  it('gives way to one that is placed later and ends sooner', async () => {
    const hold = async (holdId: string, hours: number) => {
      const data = { holdId, amount: 10, expiresAt: await inHours(hours) };
      return account.command(holdId, { type: 'PlaceHold', data, at: await server.moment() });
    };
    await account.update(await hold('third', 5), await hold('second', 3));
    await account.update(await hold('first', 1));
    await skipHours(2);
    await untilExpired(1);
    expect(expiries()).toEqual([expired('first', 10)]);
    await skipHours(4);
    await untilExpired(3);
    expect(expiries()).toEqual([expired('first', 10), expired('second', 10), expired('third', 10)]);
  });

  it('lets the alarm ring for nothing once it is captured', async () => {
    await account.update(await account.holdUntil('h', await inHours(1)));
    const data = { holdId: 'h' };
    await account.update(
      account.command('capture', { type: 'CaptureHold', data, at: await server.moment() }),
      await account.holdUntil('next', await inHours(4)),
    );
    await skipHours(2);
    expect(await account.state()).toMatchObject({ revision: 3 });
    const [rejected] = await account.update(account.deposit('x', { at: await server.moment() }));
    expect(rejected).toMatchObject({ status: 'accepted' });
    expect(expiries()).toEqual([]);
  });

  it('leaves no timer behind when nothing is waited for any more', async () => {
    await account.update(await account.holdUntil('h', await inHours(1)));
    const release = { type: 'ReleaseHold', data: { holdId: 'h' }, at: await server.moment() };
    await account.update(account.command('release', release));
    const before = await account.historyLength();
    await skipHours(2);
    expect(await account.historyLength()).toBe(before);
    await account.update(await account.holdUntil('next', await inHours(1)));
    await skipHours(2);
    await untilExpired(1);
    expect(expiries()).toEqual([expired('next', 60)]);
  });

  it('expires in a later run than the one that placed it', async () => {
    await account.start({ messagesPerRun: 2 });
    await account.update(await account.holdUntil('h', await inHours(1)));
    const at = await server.moment();
    for (const name of ['a', 'b', 'c']) await account.update(account.deposit(name, { at }));
    await account.untilRuns(2);
    await skipHours(2);
    await untilExpired(1);
    expect(expiries()).toEqual([expired('h', 60)]);
    expect(await account.state()).toEqual(await account.folded());
  });

  it('expires once when the answer to the append is lost', async () => {
    await account.update(await account.holdUntil('h', await inHours(1)));
    server.store.failNext('lost-after-write', 'lost-before-write');
    await skipHours(2);
    await untilExpired(1);
    await skipHours(1);
    expect(expiries()).toEqual([expired('h', 60)]);
    expect(await account.state()).toEqual(await account.folded());
  });
});

describe('an expiry that fails', () => {
  it('is retried in a minute, not immediately, and delays no command', async () => {
    await account.update(await account.holdUntil('h', await inHours(1)));
    isExpiryBroken = true;
    try {
      await server.skip((HOUR + 1) * 1_000);
      decisions = 0;
      const [paid] = await account.update(account.deposit('paid', { at: await server.moment() }));
      expect(paid).toMatchObject({ status: 'accepted' });
      await server.skip(10 * MINUTE * 1_000);
      expect(decisions).toBeGreaterThan(5);
      expect(decisions).toBeLessThan(20);
    } finally {
      isExpiryBroken = false;
    }
    await server.skip(2 * MINUTE * 1_000);
    await untilExpired(1);
    expect(expiries()).toEqual([expired('h', 60)]);
  });
});
