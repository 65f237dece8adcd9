import { beforeEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { deposited, held, opened, released } from '../../../apps/account/src/domain/account.fixture.js';
import { MAX_ENDED_HOLD_IDS } from '../../../apps/account/src/domain/account.state.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';
import type { NameIndex } from './name-index.js';

const stream = 'account-default.one';
/** So many that the state has forgotten the first of them. */
const holds = Array.from({ length: MAX_ENDED_HOLD_IDS + 2 }, (_, index) => `h-${index}`);
const history = [opened, deposited(1_000), ...holds.flatMap((id) => [held(id, 1), released(id, 1)])];
const placing = (holdId: string) => envelopeOf({ type: 'PlaceHold', data: { holdId, amount: 1 } }, holdId);

let store: MemoryEventStore;
beforeEach(async () => {
  store = new MemoryEventStore();
  await store.append(stream, -1, historyOf(stream, history));
});

/** An index that has come as far as a revision, and says what it was asked. */
function indexUpTo(revision: number, asked: string[][] = []): NameIndex {
  const used = history.slice(0, revision + 1).flatMap((event) => accountDecider.names?.(event) ?? []);
  return {
    find: async (_, names) => {
      asked.push([...names]);
      return { revision, used: used.filter((name) => names.includes(name)) };
    },
  };
}

async function decide(nameIndex: NameIndex | undefined, ...holdIds: readonly string[]) {
  const fold = await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
  const activities = createEntityActivities({
    decider: accountDecider,
    store,
    logger: pino({ level: 'silent' }),
    ...(nameIndex && { nameIndex }),
  });
  const batch = holdIds.map(placing);
  const now = moment();
  const { outcomes } = await activities.decideAndAppend({ stream, fold, batch, now, searchStream: false });
  return outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.status));
}

it.each([undefined, -1, 1, 2, 200, history.length - 1])(
  'a name is used once, however long ago, with an index that knows revisions up to %s',
  async (revision) => {
    const index = revision === undefined ? undefined : indexUpTo(revision);
    expect(await decide(index, 'h-0', 'new', 'h-1')).toEqual(['HOLD.ID_USED', 'accepted', 'HOLD.ID_USED']);
  },
);

it('names are looked up once for a batch, and only those that the state cannot answer for', async () => {
  const asked: string[][] = [];
  expect(await decide(indexUpTo(history.length - 1, asked), 'h-50', 'h-0', 'new', 'h-1')).toEqual([
    'HOLD.ID_USED',
    'HOLD.ID_USED',
    'accepted',
    'HOLD.ID_USED',
  ]);
  expect(asked).toEqual([['h-0', 'new', 'h-1']]);
});

it('an index that does not answer is done without', async () => {
  const away: NameIndex = { find: () => Promise.reject(new Error('away')) };
  expect(await decide(away, 'h-0', 'new')).toEqual(['HOLD.ID_USED', 'accepted']);
});

it('an attempt that finds the stream further learns what was used meanwhile', async () => {
  const index = indexUpTo(history.length - 1);
  const fold = await foldOnwards(accountDecider, store, stream, emptyFold(accountDecider));
  await decide(index, 'new');
  const activities = createEntityActivities({
    decider: accountDecider,
    store,
    logger: pino({ level: 'silent' }),
    nameIndex: index,
  });
  const again = { ...placing('new'), commandId: placing('another command').commandId };
  const request = { stream, fold, batch: [again], now: moment(), searchStream: false };
  expect((await activities.decideAndAppend(request)).outcomes).toMatchObject([{ code: 'HOLD.ID_USED' }]);
});
