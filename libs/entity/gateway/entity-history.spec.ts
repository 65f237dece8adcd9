import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '#libs/core/decider.js';
import { leavesOf } from '#libs/core/json-diff.js';
import type { JsonObject } from '#libs/core/json.js';
import { withHashes } from '#libs/entity/activities/hash-chain.js';
import { emptyFold, foldEvent } from '#libs/entity/activities/fold-stream.js';
import { saveSnapshot } from '#libs/entity/activities/snapshots.js';
import type { ReadOptions } from '#libs/event-store/event-store.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { presentAccount } from '../../../apps/account/src/domain/account.view.js';
import { EntityHistory } from './entity-history.js';
import { explained } from './origins.js';
import { HistoryNotReadError } from './retelling.js';

const stream = 'account-default.a1';
const hold = (n: number) => ({ holdId: `h-${n}`, amount: n, expiresAt: moment(10_000) });
const events: readonly DomainEvent[] = [
  { type: 'AccountOpened', data: { owner: 'alice', currency: 'EUR' } },
  { type: 'MoneyDeposited', data: { amount: 100 } },
  { type: 'HoldPlaced', data: hold(1) },
  { type: 'HoldPlaced', data: hold(2) },
  { type: 'HoldReleased', data: { holdId: 'h-1' } },
  { type: 'HoldReleased', data: { holdId: 'h-2' } },
  { type: 'MoneyWithdrawn', data: { amount: 5 } },
  { type: 'HoldPlaced', data: hold(1) },
];

let store: MemoryEventStore;
/** How many events were asked for since the last look. */
let read: number;
let history: EntityHistory;

beforeEach(() => {
  store = new MemoryEventStore();
  read = 0;
  history = historyThat();
});

/** Reads at most so many events a request. */
function historyThat(most?: number): EntityHistory {
  const counted = {
    read: async function* (name: string, options?: ReadOptions) {
      for await (const event of store.read(name, options)) {
        read += 1;
        yield event;
      }
    },
  };
  return new EntityHistory(counted, [{ decider: accountDecider, present: presentAccount }], most);
}

/** Appends events, a second apart. */
async function write(more: readonly DomainEvent[], first = 0): Promise<void> {
  let { hash } = (await foldsOf()).at(-1) ?? {};
  for (const [index, event] of more.entries()) {
    const revision = first + index;
    const made = historyOf(`${stream} ${revision}`, [event], moment(revision));
    const hashed = withHashes(stream, { revision: revision - 1, ...(hash !== undefined && { hash }) }, made);
    hash = hashed[0]?.metadata.hash;
    await store.append(stream, revision - 1, hashed);
  }
}

/** All folds of the stream, the slow way. */
async function foldsOf() {
  const folds = [];
  let fold = emptyFold(accountDecider);
  for await (const event of store.read(stream)) {
    fold = foldEvent(accountDecider, fold, event);
    folds.push(fold);
  }
  return folds;
}

describe('the state', () => {
  it('at each revision is the fold of the events up to it, in any order of asking', async () => {
    await write(events);
    const folds = await foldsOf();
    for (const revision of [7, 0, 3, 5, 2, 7, 6, 1, 4, 0]) {
      expect(await history.fold(stream, { revision })).toEqual(folds[revision]);
    }
  });

  it('at a time is that after the last event until then', async () => {
    await write(events);
    const folds = await foldsOf();
    expect(await history.fold(stream, { at: moment(3) })).toEqual(folds[3]);
    expect(await history.fold(stream, { at: moment(2.999) })).toEqual(folds[2]);
    expect(await history.fold(stream, { at: moment(1_000) })).toEqual(folds.at(-1));
    expect(await history.fold(stream, { at: moment(-1) })).toBeUndefined();
  });

  it('is not told beyond the last event, and follows the stream', async () => {
    await write(events);
    expect(await history.fold(stream, { revision: 8 })).toBeUndefined();
    expect(await history.fold('account-default.none', { revision: 0 })).toBeUndefined();
    await write([{ type: 'MoneyDeposited', data: { amount: 1 } }], 8);
    expect((await history.fold(stream, { revision: 8 }))?.state).toMatchObject({ balance: 96 });
    expect((await history.fold(stream, { at: moment(99) }))?.revision).toBe(8);
  });

  it('starts from the snapshot where that is not too late', async () => {
    await write(events);
    const folds = await foldsOf();
    const [fold] = folds.slice(6);
    if (fold) await saveSnapshot(store, { stream, snapshot: { fold, ring: { entries: [] } } });
    for (const [revision, most] of [
      [7, 3],
      [6, 3],
      [2, 6],
    ] as const) {
      history = historyThat();
      read = 0;
      expect(await history.fold(stream, { revision })).toEqual(folds[revision]);
      expect(read).toBeLessThanOrEqual(most);
    }
  });

  it('of a stream that was erased and written again is not that of before', async () => {
    await write(events);
    await history.fold(stream, { revision: 5 });
    await history.origins(stream, { revision: 5 });
    store = new MemoryEventStore();
    expect(await history.fold(stream, { revision: 5 })).toBeUndefined();
    await write([
      events[0],
      ...Array.from({ length: 7 }, () => ({ type: 'MoneyDeposited', data: { amount: 7 } })),
    ] as DomainEvent[]);
    expect((await history.fold(stream, { revision: 5 }))?.state).toMatchObject({ balance: 35 });
    expect((await history.origins(stream, { revision: 5 }))?.view).toMatchObject({ balance: 35 });
  });
});

describe('each value', () => {
  it('comes from the last event after which it was another', async () => {
    await write(events);
    const views = (await foldsOf()).map(
      ({ state }) => presentAccount(state as never) as object as JsonObject,
    );
    for (const revision of [4, 7, 0, 5, 6, 1, 2, 3]) {
      const told = await history.origins(stream, { revision });
      const fields = told ? explained(told.view, told.origins, '') : [];
      expect(fields.map(({ path, value }) => ({ path, value }))).toEqual(leavesOf(views[revision] ?? {}));
      for (const { path, revision: cause, event } of fields) {
        const values = views.slice(0, revision + 1).map((view) => JSON.stringify(valueAt(view, path)));
        const last = values.findLastIndex((value, index) => index === 0 || value !== values[index - 1]);
        expect([path, cause, event]).toEqual([path, last, events[last]?.type]);
      }
    }
  });

  it('can be asked for alone, with what is in it', async () => {
    await write(events);
    const told = await history.origins(stream, { revision: 3 });
    const below = told && explained(told.view, told.origins, '/holds');
    expect(below?.every(({ path }) => path.startsWith('/holds/'))).toBe(true);
    expect(below?.length).toBeGreaterThan(2);
    expect(told && explained(told.view, told.origins, '/hold')).toEqual([]);
  });
});

function valueAt(view: JsonObject, path: string): unknown {
  const [, ...names] = path.split('/');
  return names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], view);
}

describe('a long history', () => {
  const MOST = 100;
  const last = 250;
  const deposits = Array.from({ length: last }, () => {
    return { type: 'MoneyDeposited', data: { amount: 1 } };
  });

  it('is read in several requests, none of which reads more than its share', async () => {
    history = historyThat(MOST);
    await write([...events.slice(0, 1), ...deposits]);
    for (const ask of ['fold', 'origins'] as const) {
      const reached: unknown[] = [];
      let told: object | undefined;
      while (!told && reached.length < 10) {
        read = 0;
        told = await history[ask](stream, { revision: last }).catch((error: unknown) => {
          if (!(error instanceof HistoryNotReadError)) throw error;
          reached.push(error.extras.members?.['revision']);
          return undefined;
        });
        expect(read).toBeLessThanOrEqual(MOST + 5);
      }
      expect(reached).toEqual([99, 199]);
      expect(told).toMatchObject(ask === 'fold' ? { revision: last } : { fold: { revision: last } });
    }
  });

  it('is read on from the places that were read before', async () => {
    await write([...events.slice(0, 1), ...deposits]);
    await history.fold(stream, { revision: 200 });
    read = 0;
    expect((await history.fold(stream, { revision: 201 }))?.state).toMatchObject({ balance: 201 });
    expect(read).toBeLessThan(5);
  });
});
