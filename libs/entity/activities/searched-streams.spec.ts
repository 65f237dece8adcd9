import { beforeEach, describe, expect, it } from '@jest/globals';
import { GatedEventStore } from '#libs/testing/gated-event-store.js';
import { historyOf } from '#libs/testing/history.js';
import { SearchBudget, SearchedStreams } from './searched-streams.js';

const stream = 'account-default.one';
const EVENTS = 12_000;
const LAST = EVENTS - 1;
const BUDGET = 5_000;

const history = historyOf(
  stream,
  Array.from({ length: EVENTS }, (_, at) => ({ type: 'Told', data: { at } })),
);

let store: GatedEventStore;
let streams: SearchedStreams;
beforeEach(async () => {
  store = new GatedEventStore(EVENTS - BUDGET);
  for (let from = 0; from < EVENTS; from += 1_000) {
    await store.append(stream, from - 1, history.slice(from, from + 1_000));
  }
  streams = new SearchedStreams(store, ({ revision }) => [
    `at ${revision}`,
    `tens ${Math.floor(revision / 10)}`,
  ]);
});

async function find(keys: readonly string[], above = -1, upTo = LAST) {
  const budget = new SearchBudget();
  const { events, from } = await streams.find({ stream, keys, above, upTo }, budget);
  return { found: events.map(({ revision }) => revision), isWhole: from === above + 1 };
}

/** Asks again until the search has come far enough. */
async function untilWhole(keys: readonly string[]): Promise<readonly number[]> {
  for (;;) {
    const { found, isWhole } = await find(keys);
    if (isWhole) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a stream that is too long to be read at once', () => {
  it('is searched from its end, as far as one attempt may read', async () => {
    const { found, isWhole } = await find(['at 11000', 'at 10']);
    expect(found).toContain(11_000);
    expect(found).not.toContain(10);
    expect(isWhole).toBe(false);
    expect(store.searched).toBeLessThanOrEqual(BUDGET + 1);
  });

  it('is searched to its beginning meanwhile, and is not read again then', async () => {
    await find(['at 10']);
    store.lift();
    expect(await untilWhole(['at 10'])).toContain(10);
    store.searched = 0;
    const { found } = await find(['at 3', 'at 11999', 'tens 700', 'no such']);
    expect(found).toEqual(expect.arrayContaining([3, 7_000, 7_009, 11_999]));
    expect(store.searched).toBeLessThan(20);
  });

  it('is known up to what was written last', async () => {
    store.lift();
    await untilWhole(['at 10']);
    const more = historyOf(
      `${stream} more`,
      Array.from({ length: 30 }, () => ({ type: 'Told', data: {} })),
    );
    for (const [index, event] of more.entries()) {
      await store.append(stream, LAST + index, [event]);
      store.searched = 0;
      const { found, isWhole } = await find([`at ${LAST + index + 1}`, 'at 5'], -1, LAST + index + 1);
      expect(isWhole).toBe(true);
      expect(found).toEqual(expect.arrayContaining([5, LAST + index + 1]));
      expect(store.searched).toBeLessThan(10);
    }
  });

  it('is not searched below the revision of an index', async () => {
    const { isWhole } = await find(['at 10'], LAST - 3_000);
    expect(isWhole).toBe(true);
    expect(store.searched).toBeLessThanOrEqual(3_001);
  });

  it('is searched again from where a search has failed', async () => {
    await find(['at 10']);
    store.setAway(true);
    store.lift();
    await expect(find(['at 10'])).rejects.toThrow();
    store.setAway(false);
    expect(await untilWhole(['at 10'])).toContain(10);
  });
});

it('a short stream is read as it is', async () => {
  store.lift();
  expect((await find(['at 10'], -1, 999)).found).toHaveLength(1_000);
  expect(store.searched).toBe(1_000);
});
