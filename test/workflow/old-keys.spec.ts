import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { CommandIndex, IndexedCommand } from '#libs/entity/activities/command-index.js';
import { RING_SIZE } from '#libs/entity/protocol/outcome-ring.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryOutcomeMemory } from '#libs/testing/memory-outcome-memory.js';
import { opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver } from './account-driver.js';
import { accountServer } from './account-server.js';

const YEAR = 365 * 24 * 60 * 60 * 1_000;

/** An index of a store that lags as far as it is told to. */
class LaggingIndex implements CommandIndex {
  behind: number | 'away' | 'empty' = 0;

  constructor(private readonly store: MemoryEventStore) {}

  async find(stream: string, ids: readonly string[]) {
    const { behind } = this;
    if (behind === 'away') throw new Error('the index is away');
    const events = this.store.eventsOf(stream);
    const known = behind === 'empty' ? [] : events.slice(0, Math.max(0, events.length - behind));
    const commands = known
      .map(({ type, revision, metadata: { commandId, keyId = commandId, at } }): IndexedCommand => {
        const outcome = { status: 'accepted', commandId, revision, events: [type], at } as const;
        return { keyId, outcome };
      })
      .filter(({ keyId, outcome }) => ids.includes(keyId) || ids.includes(outcome.commandId));
    return { revision: known.length - 1, commands };
  }
}

const store = new MemoryEventStore();
const commandIndex = new LaggingIndex(store);
const outcomeMemory = new MemoryOutcomeMemory();
const options = { store, commandIndex, outcomeMemory };
const server = accountServer(options);
let account: AccountDriver;
let paid: CommandEnvelope;
let refused: CommandEnvelope;

const other = (of: AccountDriver, key: string, name: string) =>
  of.deposit(`other ${name}`, { key, amount: 2 });

/** More than the ring holds, over several runs. */
async function forget(one: AccountDriver, round: string): Promise<void> {
  for (let sent = 0; sent <= RING_SIZE; sent += 100) {
    const names = Array.from({ length: 100 }, (_, index) => `${round}-${sent + index}`);
    await one.insist(...names.map((name) => one.deposit(name)));
  }
}

/** The answers to both keys, and to others under them. */
async function askAgain(one: AccountDriver, name: string) {
  const again = await one.insist(paid, refused);
  const reused = await one.insist(other(one, 'paid', name), other(one, 'refused', name));
  return { again, reused };
}

const asEver = {
  again: [
    { status: 'accepted', revision: 1, replayed: true },
    { status: 'rejected', code: 'ACCOUNT.INSUFFICIENT_FUNDS', revision: 1, replayed: true },
  ],
  reused: [{ code: 'IDEMPOTENCY.KEY_REUSED' }, { code: 'IDEMPOTENCY.KEY_REUSED' }],
};

beforeAll(async () => {
  await server.open();
  account = await AccountDriver.with(server, opened);
  await account.start({ messagesPerRun: 4 });
  paid = account.deposit('paid', { key: 'paid' });
  refused = account.command('refused', { type: 'Withdraw', data: { amount: 500 } }, { key: 'refused' });
  await account.insist(paid);
  await account.insist(refused);
  await forget(account, 'first');
});
afterAll(() => server.close());

describe('keys that a thousand commands and some runs have passed', () => {
  it.each([0, 1, 500, 'empty', 'away'] as const)(
    'get their first outcomes with an index that is behind by: %s',
    async (behind) => {
      commandIndex.behind = behind;
      await forget(account, `behind ${behind}`);
      const told = await askAgain(account, `behind ${behind}`);
      expect(told).toMatchObject(asEver);
      expect(account.deposits.filter((name) => name === 'paid')).toHaveLength(1);
      const reused = other(account, 'refused', `behind ${behind}`);
      await forget(account, `after ${behind}`);
      expect(await server.gateway.receipt(account.stream, reused.commandId)).toMatchObject({
        status: 'rejected',
        code: 'IDEMPOTENCY.KEY_REUSED',
      });
    },
  );

  it('do so when the workflow is gone', async () => {
    await server.client.workflow.getHandle(account.stream).terminate();
    expect(await askAgain(account, 'terminated')).toMatchObject(asEver);
  });

  it('do so a year later', async () => {
    await server.skip(YEAR);
    await forget(account, 'a year later');
    expect(await askAgain(account, 'a year later')).toMatchObject(asEver);
  });

  it('do so on a Temporal that knows nothing', async () => {
    const empty = accountServer(options);
    await empty.open();
    try {
      const reborn = Object.assign(new AccountDriver(empty), { stream: account.stream });
      expect(await askAgain(reborn, 'wiped')).toMatchObject(asEver);
      // A receipt has the outcome. Only a client that sends the command again learns that it is a
      // repeat.
      expect(await empty.gateway.receipt(account.stream, refused.commandId)).toMatchObject({
        status: 'rejected',
        code: 'ACCOUNT.INSUFFICIENT_FUNDS',
        revision: 1,
      });
    } finally {
      await empty.close();
    }
  });
});
