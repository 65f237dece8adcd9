import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Settled } from '#libs/entity/protocol/entity-messages.js';
import { opened } from '../../apps/account/src/domain/account.fixture.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

const server = accountServer();
beforeAll(() => server.open());
afterAll(() => server.close());

let account: AccountDriver;
beforeEach(async () => {
  account = await AccountDriver.with(server, opened);
});

describe('commands that race with continue-as-new', () => {
  it('are each applied once, by signal and by update, and answered as in the stream', async () => {
    const random = seededRandom(printedSeed());
    await account.start({ messagesPerRun: 3 });
    const clients = Array.from({ length: 8 }, (_, client) => client);
    const answers = new Map<string, Settled>();
    await Promise.all(
      clients.map(async (client) => {
        for (let sent = 0; sent < 15; sent += 1) {
          const name = `${client}-${sent}`;
          const envelope = account.deposit(name);
          if (random() < 0.5) await account.signal(envelope);
          else for (const answer of await account.insist(envelope)) answers.set(name, answer);
          if (random() < 0.3) await account.signal(envelope);
        }
      }),
    );
    await until(
      async () => account.deposits.length,
      (count) => count >= 120,
    );
    const names = clients.flatMap((client) => Array.from({ length: 15 }, (_, sent) => `${client}-${sent}`));
    expect([...account.deposits].sort()).toEqual(names.sort());
    for (const [name, answer] of answers) {
      expect(answer).toMatchObject({ status: 'accepted', revision: account.deposits.indexOf(name) + 1 });
    }
    const folded = await account.folded();
    await until(
      () => account.state(),
      (state) => state?.revision === folded.revision,
    );
    expect(await account.state()).toEqual(folded);
    expect((await account.runs()).length).toBeGreaterThan(5);
  });
});

describe('a new run', () => {
  it('begins with the state, without reading the stream', async () => {
    await account.start({ messagesPerRun: 2 });
    await account.update(account.deposit('one', { amount: 5 }));
    await account.update(account.deposit('two', { amount: 7 }));
    await account.untilRuns(2);
    server.store.setAway(true);
    try {
      expect(await account.state()).toEqual(expect.objectContaining({ revision: 2 }));
    } finally {
      server.store.setAway(false);
    }
    expect(await account.state()).toEqual(await account.folded());
  });

  it('knows the outcomes and keys of the runs before it', async () => {
    await account.start({ messagesPerRun: 3 });
    const rejected = account.command('too much', { type: 'Withdraw', data: { amount: 50 } });
    const first = await account.update(account.deposit('first', { key: 'k' }), rejected);
    for (let run = 0; run < 3; run += 1) {
      for (const part of ['a', 'b', 'c'])
        await account.update(account.deposit(`${run} ${part}`, { amount: 50 }));
    }
    await account.untilRuns(4);
    const again = await account.update(account.deposit('first', { key: 'k' }), rejected);
    expect(again).toEqual(first.map((outcome) => ({ ...outcome, replayed: true })));
    const [other] = await account.update(account.deposit('other', { key: 'k' }));
    expect(other).toMatchObject({ status: 'rejected', code: 'IDEMPOTENCY.KEY_REUSED' });
    expect(account.deposits.filter((name) => name === 'first' || name === 'other')).toEqual(['first']);
  });

  it('decides what was waiting in the previous run, in order', async () => {
    await account.start({ messagesPerRun: 5 });
    const names = Array.from({ length: 40 }, (_, index) => `d-${index}`);
    server.store.setAway(true);
    try {
      for (const name of names) await account.signal(account.deposit(name));
      await account.untilPending(account.deposit('d-39'));
    } finally {
      server.store.setAway(false);
    }
    await account.untilSettled(account.deposit('d-39'));
    expect(account.deposits).toEqual(names);
    const carried = (await account.runs()).map((run) => run.carried?.inbox.length ?? 0);
    expect(Math.max(...carried)).toBeGreaterThan(10);
  });

  it('answers clients that waited for a command in the previous run', async () => {
    await account.start({ messagesPerRun: 1 });
    const waiting: Promise<readonly Settled[]>[] = [];
    server.store.setAway(true);
    try {
      for (let index = 0; index < 5; index += 1) {
        const envelope = account.deposit(`d-${index}`);
        waiting.push(account.insist(envelope));
        await account.untilPending(envelope);
      }
    } finally {
      server.store.setAway(false);
    }
    expect(await Promise.all(waiting)).toMatchObject(
      [1, 2, 3, 4, 5].map((revision) => [{ status: 'accepted', revision }]),
    );
    await account.untilRuns(2);
  });
});
