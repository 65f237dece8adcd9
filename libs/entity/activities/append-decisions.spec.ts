import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { accountContract } from '#contracts/account/account.contract.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { nextLink } from '#libs/event-store/event-hash.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { opened } from '../../../apps/account/src/domain/account.fixture.js';
import { AttemptTooLateError } from './entity-activities.errors.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';

const stream = 'account-default.one';
const logger = pino({ level: 'silent' });
const deposit = (name: string, amount: number) => envelopeOf({ type: 'Deposit', data: { amount } }, name);
const withdraw = (name: string, amount: number) => envelopeOf({ type: 'Withdraw', data: { amount } }, name);

/** A store that something happens to while it is read. */
class InterruptedStore extends MemoryEventStore {
  whenRead: (() => Promise<void>) | undefined;

  override async *read(...args: Parameters<MemoryEventStore['read']>) {
    await this.whenRead?.();
    yield* super.read(...args);
  }
}

const { commands } = accountContract;
let store: InterruptedStore;
let fold: Fold;
beforeEach(async () => {
  store = new InterruptedStore();
  await store.append(stream, -1, historyOf(stream, [opened]));
  fold = await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
});

/**
 * Runs of the activity that all begin where the account was opened: of the ones before, nobody
 * remembers anything.
 */
function run(...batch: readonly CommandEnvelope[]) {
  return attempt(batch);
}

function attempt(batch: readonly CommandEnvelope[], more: Partial<DecideRequest> = {}) {
  const { decideAndAppend } = createEntityActivities({ decider: accountDecider, commands, store, logger });
  return decideAndAppend({ stream, fold, batch, now: moment(), searchStream: false, ...more });
}

describe('what an earlier run has written', () => {
  it('does not fail because the store refuses to take it again', async () => {
    const { outcomes } = await run(deposit('a', 5));
    store.failNext('refused', 'refused');
    expect((await run(deposit('a', 5))).outcomes).toEqual(outcomes);
  });

  it('is not hidden by an append that repeats a part of it: what was rejected with that is decided again', async () => {
    const [early, rest] = [[deposit('a', 1), withdraw('w', 6), deposit('b', 5)], deposit('c', 1)];
    expect((await run(...early)).outcomes).toMatchObject([{}, { status: 'rejected' }, {}]);
    expect((await run(...early, rest)).outcomes).toContainEqual(
      expect.objectContaining({ commandId: withdraw('w', 6).commandId, status: 'accepted', revision: 3 }),
    );
    const again = await run(...early);
    expect(again.outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(again.revision).toBe(4);
    expect(store.eventsOf(stream)).toHaveLength(5);
  });
});

describe('a command that did not come through the edge', () => {
  it.each([
    ['an amount that is a text', 'Deposit', { amount: '5' }],
    ['an amount below zero', 'Deposit', { amount: -5 }],
    ['no amount', 'Deposit', {}],
    ['a field that nobody knows', 'Deposit', { amount: 5, more: 1 }],
  ])('and has %s, is rejected, and the next one is decided', async (_, type, data) => {
    const { outcomes } = await run(envelopeOf({ type, data }, 'odd'), deposit('a', 5));
    expect(outcomes).toMatchObject([
      { status: 'rejected', code: 'COMMAND.MALFORMED' },
      { status: 'accepted' },
    ]);
    expect(store.eventsOf(stream)).toHaveLength(2);
  });

  it.each(['toString', 'Unknown'])('and has the type %s, changes nothing', async (type) => {
    expect((await run(envelopeOf({ type, data: {} }, 'odd'))).outcomes).toMatchObject([{ status: 'failed' }]);
    expect(store.eventsOf(stream)).toHaveLength(1);
  });
});

describe('a command that a run before a reset may have answered', () => {
  it('is answered from the stream, or rejected, and never decided', async () => {
    await run(deposit('a', 5));
    const batch = [deposit('a', 5), deposit('b', 5)];
    const { outcomes } = await attempt(batch, { doubtedUpTo: moment(), searchStream: true });
    expect(outcomes).toMatchObject([
      { status: 'accepted', revision: 1 },
      { status: 'rejected', code: 'COMMAND.OUTCOME_LOST' },
    ]);
    expect(store.eventsOf(stream)).toHaveLength(2);
  });
});

describe('the hash of each event', () => {
  const recorded = () => store.eventsOf(stream).map(({ metadata }) => metadata.hash);
  const computed = () => {
    const hashes: (string | undefined)[] = [];
    for (const event of store.eventsOf(stream)) hashes.push(nextLink(hashes.at(-1), event));
    return hashes;
  };

  it('follows from the events before it, also those that had none', async () => {
    const result = await run(deposit('a', 1), deposit('b', 2));
    expect(recorded()).toEqual([undefined, ...computed().slice(1)]);
    expect(result.hash).toBe(computed().at(-1));
  });

  it('is that of what is stored, whatever a retry appends', async () => {
    await run(deposit('a', 1));
    const again = await run(deposit('a', 1));
    expect(again.hash).toBe(computed().at(-1));
    const larger = await run(deposit('a', 1), deposit('b', 2));
    expect(larger.hash).toBe(computed().at(-1));
    expect(recorded().slice(1)).toEqual(computed().slice(1));
  });

  it('is rebuilt from the stream for an entity that does not know it', async () => {
    const { hash: _, ...unknowing } = fold;
    const result = await attempt([deposit('a', 1)], { fold: unknowing });
    expect(result.fold?.hash).toBe(computed().at(-1));
    expect(recorded().at(-1)).toBe(computed().at(-1));
  });
});

describe('an attempt that was frozen', () => {
  it('does not accept what was rejected meanwhile', async () => {
    const withdrawal = withdraw('w', 6);
    store.whenRead = async () => {
      store.whenRead = undefined;
      expect((await run(withdrawal)).outcomes).toMatchObject([{ status: 'rejected' }]);
      expect((await run(deposit('later', 9))).outcomes).toMatchObject([{ status: 'accepted' }]);
    };
    await expect(attempt([withdrawal], { patience: 0 })).rejects.toThrow(AttemptTooLateError);
    expect(store.eventsOf(stream).map(({ type }) => type)).toEqual(['AccountOpened', 'MoneyDeposited']);
  });

  it('decides again as long as no other attempt can have begun', async () => {
    await run(deposit('earlier', 9));
    const { outcomes } = await attempt([withdraw('w', 6)], { patience: 60_000 });
    expect(outcomes).toMatchObject([{ status: 'accepted', revision: 2 }]);
  });
});
