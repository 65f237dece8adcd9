import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { RING_SIZE } from '#libs/entity/protocol/outcome-ring.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryOutcomeMemory } from '#libs/testing/memory-outcome-memory.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { opened } from '../../../apps/account/src/domain/account.fixture.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';

const stream = 'account-default.one';
const logger = pino({ level: 'silent' });
const now = moment();
const deposit = (name: string, key?: string) => commandOf('Deposit', 10, name, key);
const withdraw = (name: string, key?: string) => commandOf('Withdraw', 10, name, key);

function commandOf(type: string, amount: number, name: string, key?: string): CommandEnvelope {
  return envelopeOf({ type, data: { amount } }, name, key === undefined ? {} : { key });
}

let store: MemoryEventStore;
let memory: MemoryOutcomeMemory;
let opening: Fold;
beforeEach(async () => {
  store = new MemoryEventStore();
  memory = new MemoryOutcomeMemory();
  await store.append(stream, -1, historyOf(stream, [opened]));
  opening = await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
});

const activities = () =>
  createEntityActivities({ decider: accountDecider, store, logger, outcomeMemory: memory });

/** What an entity is answered that has forgotten all outcomes. */
async function decide(batch: readonly CommandEnvelope[], more: Partial<DecideRequest> = {}) {
  const fold = await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
  return activities().decideAndAppend({ stream, fold, batch, now, searchStream: true, ...more });
}

describe('a rejection under a key that its entity has forgotten', () => {
  it('is returned again, even if the command would be accepted now', async () => {
    const first = await decide([withdraw('w', 'k')]);
    await decide([deposit('d')]);
    const again = await decide([withdraw('w', 'k')]);
    const times = { sentAt: now, decidedAt: expect.any(String) };
    expect(first.outcomes).toMatchObject([
      { status: 'rejected', code: 'ACCOUNT.INSUFFICIENT_FUNDS', ...times },
    ]);
    expect(again.outcomes).toEqual(first.outcomes);
    expect(again.remembered).toEqual([withdraw('w', 'k').commandId]);
  });

  it('says who sent the command, even when its reason is too old', async () => {
    const { actor } = withdraw('w', 'k');
    await decide([withdraw('w', 'k')]);
    expect((await decide([withdraw('w', 'k')])).outcomes).toMatchObject([{ actor }]);
    memory.trim();
    const outcome = { code: 'IDEMPOTENCY.KEY_EXPIRED', actor };
    expect((await decide([{ ...withdraw('w', 'k'), actor: 'another' }])).outcomes).toMatchObject([outcome]);
  });

  it('holds its key for its own command', async () => {
    await decide([withdraw('w', 'k')]);
    const other = await decide([deposit('other', 'k')]);
    expect(other.outcomes).toMatchObject([{ status: 'rejected', code: 'IDEMPOTENCY.KEY_REUSED' }]);
    const again = await decide([deposit('other', 'k'), withdraw('w', 'k')]);
    expect(again.outcomes).toEqual([...other.outcomes, expect.objectContaining({ status: 'rejected' })]);
    expect(again.remembered).toHaveLength(2);
  });

  it('is recognised when it is too old to be returned', async () => {
    await decide([withdraw('w', 'k')]);
    memory.trim();
    const { outcomes, remembered } = await decide([withdraw('w', 'k'), deposit('other', 'k')]);
    expect(outcomes).toMatchObject([{ code: 'IDEMPOTENCY.KEY_EXPIRED' }, { code: 'IDEMPOTENCY.KEY_REUSED' }]);
    expect(remembered).toEqual([withdraw('w', 'k').commandId]);
    expect(await memory.latest(stream, 10)).toMatchObject({ entries: [{}], hasMore: true });
  });

  it('counts less than the stream', async () => {
    // The first run was lost after it had kept the rejection, and before anyone was told.
    await activities().decideAndAppend({
      stream,
      fold: opening,
      batch: [withdraw('w', 'k')],
      now,
      searchStream: false,
    });
    const retry = {
      stream,
      fold: opening,
      batch: [deposit('d'), withdraw('w', 'k')],
      now,
      searchStream: false,
    };
    const { outcomes } = await activities().decideAndAppend(retry);
    expect(outcomes).toMatchObject([{ status: 'accepted' }, { status: 'accepted', revision: 2 }]);
    expect((await decide([withdraw('w', 'k')])).outcomes).toEqual(outcomes.slice(1));
    const { ring } = await activities().loadEntity({ stream, now });
    expect(ring?.entries.map(({ outcome }) => outcome.status)).toEqual(['accepted', 'accepted', 'accepted']);
  });
});

describe('while the memory is away', () => {
  beforeEach(() => {
    memory.isAway = true;
  });

  it('commands are decided, and the entity is told which outcomes are not kept yet', async () => {
    const rejected = await decide([withdraw('w', 'k'), withdraw('no key'), deposit('d', 'k2')]);
    expect(rejected.outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'accepted']);
    expect(rejected.unkept).toEqual([withdraw('w', 'k').commandId]);
    const { keyId } = withdraw('w', 'k') as { keyId: string };
    const [outcome] = rejected.outcomes;
    const unkept = outcome ? [{ keyId, outcome }] : [];
    expect((await decide([deposit('d2')], { unkept })).unkept).toEqual(rejected.unkept);
    memory.isAway = false;
    expect(await decide([deposit('d3')], { unkept })).not.toHaveProperty('unkept');
    expect(await memory.find(stream, [keyId])).toMatchObject([{ keyId, outcome }]);
  });

  it('an entity that is loaded again looks for every key, as soon as it can', async () => {
    const { ring } = await activities().loadEntity({ stream, now });
    expect(ring?.evictedUpTo).toBe(now);
    memory.isAway = false;
    expect((await activities().loadEntity({ stream, now })).ring).not.toHaveProperty('evictedUpTo');
  });
});

describe('an entity that is loaded again', () => {
  it('knows the latest rejections and the outcomes in its stream, in order of time', async () => {
    await decide([deposit('d', 'a'), withdraw('w1', 'b')]);
    await decide([commandOf('Withdraw', 50, 'w2', 'c')]);
    const { ring } = await activities().loadEntity({ stream, now });
    const told = ring?.entries.slice(1).map(({ keyId, outcome }) => [keyId, outcome.status]);
    expect(told).toEqual([
      [deposit('d', 'a').keyId, 'accepted'],
      [withdraw('w1', 'b').keyId, 'accepted'],
      [withdraw('w2', 'c').keyId, 'rejected'],
    ]);
  });

  it('knows that there were more than it can hold', async () => {
    for (let sent = 0; sent < RING_SIZE; sent += 100) {
      const names = Array.from({ length: 100 }, (_, index) => `w-${sent + index}`);
      await decide(names.map((name) => withdraw(name, name)));
    }
    const { ring } = await activities().loadEntity({ stream, now });
    expect(ring?.entries).toHaveLength(RING_SIZE);
    expect(ring?.evictedUpTo).toBe(now);
  });
});
