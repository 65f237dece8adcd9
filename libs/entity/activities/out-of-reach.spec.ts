import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { DecideRequest, EntityActivities } from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { envelopeOf, testId } from '#libs/testing/command-envelope.builder.js';
import { GatedEventStore } from '#libs/testing/gated-event-store.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryOutcomeMemory } from '#libs/testing/memory-outcome-memory.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { deposited, held, opened, released } from '../../../apps/account/src/domain/account.fixture.js';
import type { CommandIndex } from './command-index.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';
import type { NameIndex } from './name-index.js';

const stream = 'account-default.busy';
const HOLDS = 2_700;
const BUDGET = 5_000;
const OUT_OF_REACH = 'COMMAND.OUTCOME_UNKNOWN';

/** Each hold under the key of its name. */
const history = historyOf(stream, [
  opened,
  deposited(100),
  ...Array.from({ length: HOLDS }, (_, index) => [held(`h-${index}`, 1), released(`h-${index}`, 1)]).flat(),
]).map((event): EventToAppend => {
  const { holdId } = event.data;
  if (event.type !== 'HoldPlaced' || typeof holdId !== 'string') return event;
  const ids = { commandId: testId(holdId), keyId: testId(`key ${holdId}`) };
  return { ...event, metadata: { ...event.metadata, ...ids } };
});

class Away implements CommandIndex, NameIndex {
  asked = 0;
  /** Whether it fails at once, or leaves those who ask without an answer. */
  isSilent = false;

  async find(): Promise<never> {
    this.asked += 1;
    return this.isSilent ? new Promise<never>(() => undefined) : Promise.reject(new Error('away'));
  }
}

let store: GatedEventStore;
let fold: Fold;
let away: Away;
let memory: MemoryOutcomeMemory;
let activities: EntityActivities;
beforeEach(async () => {
  store = new GatedEventStore(history.length - BUDGET - 1);
  for (let from = 0; from < history.length; from += 500) {
    await store.append(stream, from - 1, history.slice(from, from + 500));
  }
  fold = await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
  store.searched = 0;
  away = new Away();
  memory = new MemoryOutcomeMemory();
  const logger = pino({ level: 'silent' });
  const indexes = { commandIndex: away, nameIndex: away, outcomeMemory: memory };
  activities = createEntityActivities({ decider: accountDecider, store, logger, ...indexes });
});

async function decide(batch: readonly CommandEnvelope[], more: Partial<DecideRequest> = {}) {
  const request = { stream, fold, batch, now: moment(), searchStream: true, ...more };
  const result = await activities.decideAndAppend(request);
  fold = await foldOnwards(accountDecider, store, stream, fold);
  return result;
}

const place = (holdId: string, key?: string) =>
  envelopeOf({ type: 'PlaceHold', data: { holdId, amount: 1 } }, holdId, key === undefined ? {} : { key });
const deposit = (name: string, key?: string) =>
  envelopeOf({ type: 'Deposit', data: { amount: 1 } }, name, key === undefined ? {} : { key });

/** Resends a command until its outcome is known. */
async function insist(envelope: CommandEnvelope, more: Partial<DecideRequest> = {}) {
  for (;;) {
    const { outcomes } = await decide([envelope], more);
    const [outcome] = outcomes;
    if (outcome && !('code' in outcome && outcome.code === OUT_OF_REACH)) return outcome;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const late = place(`h-${HOLDS - 10}`, `h-${HOLDS - 10}`);
const early = place('h-3', 'h-3');

describe('while no index answers, a drain of an entity with a long history', () => {
  it('reads no more than it may, answers what it finds, and decides what is new for certain', async () => {
    const evictedUpTo = moment(-1);
    const { outcomes } = await decide([late, early, deposit('new', 'new'), deposit('none')], { evictedUpTo });
    expect(outcomes).toMatchObject([
      { commandId: late.commandId, status: 'accepted', revision: 2 * HOLDS - 18 },
      { commandId: early.commandId, status: 'rejected', code: OUT_OF_REACH },
      { commandId: deposit('new').commandId, status: 'rejected', code: OUT_OF_REACH },
      { commandId: deposit('none').commandId, status: 'accepted' },
    ]);
    expect(store.searched).toBeLessThanOrEqual(BUDGET + 10);
  });

  it('answers the others once the search has come to the beginning, and does not read again', async () => {
    await decide([early, deposit('new', 'new')]);
    store.lift();
    expect(await insist(early)).toMatchObject({ status: 'accepted', revision: 8 });
    store.searched = 0;
    const reuse = { ...deposit('other'), keyId: early.keyId! };
    expect((await decide([reuse, deposit('new', 'new')])).outcomes).toMatchObject([
      { code: 'IDEMPOTENCY.KEY_REUSED' },
      { status: 'accepted' },
    ]);
    expect(store.searched).toBeLessThan(20);
  });

  it('does not remember for later that it could not know', async () => {
    await decide([early]);
    expect(await memory.find(stream, [early.commandId, early.keyId!])).toEqual([]);
    away.find = async () => ({ revision: fold.revision, commands: [], used: ['h-3'] }) as never;
    expect((await decide([early])).outcomes).toMatchObject([{ code: 'HOLD.ID_USED' }]);
  });

  it('answers a rejection that is kept once the search has come to the time of it', async () => {
    const rejected = { status: 'rejected', code: 'NO', detail: '', at: moment() } as const;
    const keep = (of: CommandEnvelope, revision: number) => {
      return memory.keep(stream, [
        { keyId: of.keyId!, outcome: { ...rejected, commandId: of.commandId, revision } },
      ]);
    };
    const [old, recent] = [deposit('old', 'old'), deposit('recent', 'recent')];
    await keep(old, 3);
    await keep(recent, history.length - 100);
    expect((await decide([old, recent])).outcomes).toMatchObject([{ code: OUT_OF_REACH }, { code: 'NO' }]);
    store.lift();
    expect(await insist(old)).toMatchObject({ code: 'NO', revision: 3 });
  });

  it('decides internal commands', async () => {
    const reply = { ...deposit('reply'), commandId: `${stream}@7/effect/reply` };
    expect((await decide([early, reply])).outcomes).toMatchObject([
      { code: OUT_OF_REACH },
      { status: 'accepted' },
    ]);
  });

  it('does not take an old name for a new one', async () => {
    const batch = [place(`h-${HOLDS - 10}`), place('h-3'), place('new'), deposit('none')];
    const more = { searchStream: false };
    const { outcomes } = await decide(batch, more);
    expect(outcomes).toMatchObject([
      { code: 'HOLD.ID_USED' },
      { code: OUT_OF_REACH },
      { code: OUT_OF_REACH },
      { status: 'accepted' },
    ]);
    expect(store.searched).toBeLessThanOrEqual(BUDGET + 10);
    store.lift();
    expect(await insist(place('h-3'), more)).toMatchObject({ code: 'HOLD.ID_USED' });
    expect(await insist(place('new'), more)).toMatchObject({ status: 'accepted' });
  });
});

it('a server that leaves everybody without an answer is waited for once in an attempt', async () => {
  away.isSilent = true;
  const keep = memory.keep.bind(memory);
  let kept = 0;
  memory.keep = (...given) => {
    kept += 1;
    return keep(...given);
  };
  const refused = envelopeOf({ type: 'Withdraw', data: { amount: 500 } }, 'w', { key: 'w' });
  store.lift();
  await insist(refused);
  away.asked = kept = 0;
  const again = { ...refused, commandId: testId('w2'), keyId: testId('key w2') };
  const { unkept } = await decide([again, place('new', 'new')]);
  expect(unkept).toEqual([again.commandId]);
  expect({ asked: away.asked, kept }).toEqual({ asked: 1, kept: 0 });
});
