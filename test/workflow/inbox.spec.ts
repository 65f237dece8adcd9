import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RING_SIZE } from '#libs/entity/protocol/outcome-ring.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver } from './account-driver.js';
import { accountServer } from './account-server.js';

const server = accountServer();
beforeAll(() => server.open());
afterAll(() => server.close());

let account: AccountDriver;
beforeEach(async () => {
  account = await AccountDriver.with(server, opened);
});

const withdrawal = (name: string, amount: number) =>
  account.command(name, { type: 'Withdraw', data: { amount } });

/** Runs `act` while nothing is decided: commands wait in the inbox. */
async function whileNothingIsDecided<T>(act: () => Promise<T>): Promise<T> {
  server.store.setAway(true);
  try {
    return await act();
  } finally {
    server.store.setAway(false);
  }
}

describe('the inbox', () => {
  it('takes signals and updates, and keeps the order in which commands arrived', async () => {
    const deposit = (name: string) => account.deposit(name);
    const answers = await whileNothingIsDecided(async () => {
      await account.signal(deposit('a'), deposit('b'));
      await account.untilPending(deposit('b'));
      const first = account.update(deposit('c'));
      await account.untilPending(deposit('c'));
      await account.signal(deposit('d'));
      const second = account.update(deposit('e'), deposit('f'));
      await account.untilPending(deposit('f'));
      return { first, second };
    });
    expect([...(await answers.first), ...(await answers.second)]).toMatchObject([
      { status: 'accepted', revision: 3 },
      { status: 'accepted', revision: 5 },
      { status: 'accepted', revision: 6 },
    ]);
    expect(account.deposits).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('takes more than one drain holds', async () => {
    const deposit = (name: string) => account.deposit(name);
    const names = Array.from({ length: 250 }, (_, index) => `d-${index}`);
    const large = { ...deposit('large'), data: { amount: 1, reference: 'x'.repeat(300_000) } };
    await account.signal(...names.slice(0, 5).map((name) => deposit(name)));
    await account.signal(large);
    await account.signal(...names.slice(5).map((name) => deposit(name)));
    const [last] = await account.update(deposit('last'));
    expect(last).toMatchObject({ status: 'accepted', revision: 252 });
    expect(account.deposits.map((name) => String(name).slice(0, 9))).toEqual([
      ...names.slice(0, 5),
      'xxxxxxxxx',
      ...names.slice(5),
      'last',
    ]);
  });
});

describe('a repeated command', () => {
  it('is the same one while the first is waiting, by signal or update', async () => {
    const command = account.deposit('once');
    const answers = await whileNothingIsDecided(async () => {
      await account.signal(command, command);
      await account.untilPending(command);
      const [one, two] = [account.update(command), account.update(account.deposit('other'), command)];
      await account.signal(command);
      await account.untilPending(account.deposit('other'));
      return [one, two] as const;
    });
    const [[one], [, two]] = [await answers[0], await answers[1]];
    expect(one).toMatchObject({ status: 'accepted', revision: 1, replayed: true });
    expect(two).toEqual(one);
    expect(account.deposits).toEqual(['once', 'other']);
  });

  it('gets the first outcome afterwards', async () => {
    const [first] = await account.update(account.deposit('once'));
    await account.signal(account.deposit('once'));
    const [again] = await account.update(account.deposit('once'));
    expect(first).toMatchObject({ status: 'accepted', revision: 1 });
    expect(first).not.toHaveProperty('replayed');
    expect(again).toEqual({ ...first, replayed: true });
    expect(account.deposits).toEqual(['once']);
  });

  it('stays rejected, although it would be accepted by now', async () => {
    const [first] = await account.update(withdrawal('too early', 5));
    await account.update(account.deposit('pay-in', { amount: 5 }));
    const [again] = await account.update(withdrawal('too early', 5));
    expect(first).toMatchObject({ status: 'rejected', code: 'ACCOUNT.INSUFFICIENT_FUNDS', revision: 0 });
    expect(again).toEqual({ ...first, replayed: true });
    const [other] = await account.update(withdrawal('in time', 5));
    expect(other).toMatchObject({ status: 'accepted' });
  });

  it('gets the first outcome from the stream when the ring has forgotten it', async () => {
    const [first] = await account.update(account.deposit('once', { key: 'pay-in' }));
    for (let sent = 0; sent <= RING_SIZE; sent += 100) {
      const names = Array.from({ length: 100 }, (_, index) => `d-${sent + index}`);
      await account.update(...names.map((name) => account.deposit(name)));
    }
    expect(await account.receipt(account.deposit('once', { key: 'pay-in' }))).toEqual({ status: 'unknown' });
    const written = account.events.length;
    const [again] = await account.update(account.deposit('once', { key: 'pay-in' }));
    expect(again).toEqual({ ...first, replayed: true });
    expect(account.events).toHaveLength(written);
    const [other] = await account.update(account.deposit('another', { key: 'pay-in' }));
    expect(other).toMatchObject({ status: 'rejected', code: 'IDEMPOTENCY.KEY_REUSED' });
    expect(account.events).toHaveLength(written);
  });

  it('gets the first outcome from the stream when the workflow is a new one', async () => {
    const [first] = await account.update(account.deposit('once', { key: 'pay-in' }));
    await server.client.workflow.getHandle(account.stream).terminate();
    const [again] = await account.update(account.deposit('once', { key: 'pay-in' }));
    expect(again).toEqual({ ...first, replayed: true });
    expect(account.deposits).toEqual(['once']);
  });
});

describe('an idempotency key', () => {
  const reused = { status: 'rejected', code: 'IDEMPOTENCY.KEY_REUSED' };

  it('belongs to the first command while that is waiting', async () => {
    const [first, other] = [account.deposit('first', { key: 'k' }), account.deposit('other', { key: 'k' })];
    const answer = await whileNothingIsDecided(async () => {
      await account.signal(first);
      await account.untilPending(first);
      const [answer] = await account.update(other);
      await account.untilPending(first);
      return answer;
    });
    expect(answer).toMatchObject({ ...reused, sentAt: other.sentAt, decidedAt: expect.any(String) });
    expect(await account.untilSettled(first)).toMatchObject({ status: 'accepted', revision: 1 });
    expect(account.deposits).toEqual(['first']);
  });

  it('belongs to the first command for ever, and the other one has a receipt of its own', async () => {
    const [first, other] = [account.deposit('first', { key: 'k' }), account.deposit('other', { key: 'k' })];
    const [accepted] = await account.update(first);
    await account.signal(other);
    expect(await account.untilSettled(other)).toMatchObject(reused);
    expect(await account.update(first, other)).toMatchObject([
      { ...accepted, replayed: true },
      { ...reused, replayed: true },
    ]);
    expect(account.deposits).toEqual(['first']);
  });
});

describe('a command for a revision', () => {
  it('is rejected at any other, also within one batch', async () => {
    await account.update(account.deposit('zero'));
    const answers = await account.update(
      account.deposit('stale', { expectedRevision: 0 }),
      account.deposit('right', { expectedRevision: 1 }),
      account.deposit('overtaken', { expectedRevision: 1 }),
      account.deposit('ahead', { expectedRevision: 9 }),
    );
    expect(answers).toMatchObject([
      { status: 'rejected', code: 'REVISION.MISMATCH', revision: 1 },
      { status: 'accepted', revision: 2 },
      { status: 'rejected', code: 'REVISION.MISMATCH', revision: 2 },
      { status: 'rejected', code: 'REVISION.MISMATCH', revision: 2 },
    ]);
    expect(account.deposits).toEqual(['zero', 'right']);
  });
});

describe('a receipt', () => {
  it('is unknown, then pending, then the outcome', async () => {
    const [accepted, rejected] = [account.deposit('paid in'), withdrawal('too much', 1_000)];
    await account.update(account.deposit('before'));
    expect(await account.receipt(accepted)).toEqual({ status: 'unknown' });
    await whileNothingIsDecided(async () => {
      await account.signal(accepted, rejected);
      await account.untilPending(accepted);
      const { actor, sentAt } = rejected;
      expect(await account.receipt(rejected)).toEqual({ status: 'pending', actor, sentAt });
      expect(await server.gateway.receipt(account.stream, accepted.commandId)).toEqual({
        status: 'pending',
        commandId: accepted.commandId,
        actor: accepted.actor,
        sentAt: accepted.sentAt,
      });
    });
    expect(await account.untilSettled(accepted)).toMatchObject({ status: 'accepted', revision: 2 });
    expect(await account.untilSettled(rejected)).toMatchObject({
      status: 'rejected',
      code: 'ACCOUNT.INSUFFICIENT_FUNDS',
      revision: 2,
    });
  });

  it('of a command from before the workflow is found in the stream', async () => {
    account = await AccountDriver.with(server, opened, deposited(5));
    const commandId = String(account.events[1]?.metadata.commandId);
    const receipt = await server.gateway.receipt(account.stream, commandId);
    expect(receipt).toMatchObject({ status: 'accepted', revision: 1, events: ['MoneyDeposited'] });
    expect(await server.gateway.receipt(account.stream, 'never sent')).toBeUndefined();
  });
});
