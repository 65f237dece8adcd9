import { describe, expect, test } from '@jest/globals';
import type { AnyDecider } from '#libs/core/decider.js';
import { nextLink } from '#libs/event-store/event-hash.js';
import type { EventToAppend, RecordedEvent } from '#libs/event-store/event-store.js';
import { createLogger } from '#libs/runtime/logger.js';
import { saveSnapshot } from '#libs/entity/activities/snapshots.js';
import { emptyFold, foldOnwards } from '#libs/entity/activities/fold-stream.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { OwedStates } from './owed-states.js';
import { StateFolds } from './state-folds.js';

process.env['LOG_LEVEL'] = 'silent';

const decider: AnyDecider = {
  name: 'tally',
  stateVersion: 3,
  initialState: { sum: 0 },
  upcasts: { Weighed: [({ kilograms }) => ({ amount: Number(kilograms) * 1_000 })] },
  decide: () => [],
  evolve: ({ sum }: { sum: number }, { type, data }: { type: string; data: { amount: number } }) => {
    if (type === 'Poison') throw new TypeError('no rule for poison');
    return { sum: sum + data.amount };
  },
};

async function streams(...names: string[]): Promise<{ store: MemoryEventStore; events: RecordedEvent[] }> {
  const store = new MemoryEventStore();
  const events: RecordedEvent[] = [];
  for (const [index, name] of names.entries()) {
    const stream = `tally-default.${name}`;
    const metadata = {
      commandId: String(index),
      actor: 'tester',
      at: '2026-01-01T00:00:00.000Z',
      index: 0,
      count: 1,
      schemaVersion: 1,
      $correlationId: 'c',
      $causationId: 'c',
    };
    const type = name === 'bad' ? 'Poison' : 'Added';
    const held = store.eventsOf(stream).length;
    await store.append(stream, held - 1, [{ id: String(index), type, data: { amount: 1 }, metadata }]);
    events.push(store.eventsOf(stream).at(-1) as RecordedEvent);
  }
  return { store, events };
}

/** Counts the events that are read. */
class CountingStore extends MemoryEventStore {
  seen = 0;

  override async *read(...args: Parameters<MemoryEventStore['read']>) {
    for await (const event of super.read(...args)) {
      this.seen += 1;
      yield event;
    }
  }
}

const after = (folds: StateFolds, events: readonly RecordedEvent[]) =>
  folds.after(events, new OwedStates(), undefined);

const foldsOver = (store: MemoryEventStore): StateFolds =>
  new StateFolds({ decider, present: (state: object) => state }, store, createLogger('test'));

const shown = (records: readonly { value: string }[]): unknown[] =>
  records.map(({ value }) => JSON.parse(value) as unknown);

describe('states of passing events', () => {
  test('are one an entity, that after its last event, in the order of those', async () => {
    const { store, events } = await streams('a', 'b', 'a', 'c', 'b');
    expect(shown(await after(foldsOver(store), events))).toMatchObject([
      { id: 'a', sum: 2, revision: 1 },
      { id: 'c', sum: 1, revision: 0 },
      { id: 'b', sum: 2, revision: 1 },
    ]);
  });

  test('are folded from the stream when the events before are not known', async () => {
    const { store, events } = await streams('a', 'a', 'b', 'a', 'b');
    expect(shown(await after(foldsOver(store), events.slice(3)))).toMatchObject([
      { id: 'a', sum: 3, revision: 2 },
      { id: 'b', sum: 2, revision: 1 },
    ]);
  });

  test('read no stream again while they follow each other', async () => {
    const { store, events } = await streams('a', 'a', 'a');
    const folds = foldsOver(store);
    await after(folds, events.slice(0, 2));
    store.setAway(true);
    expect(shown(await after(folds, events.slice(2)))).toMatchObject([{ id: 'a', sum: 3, revision: 2 }]);
  });

  test('are folded from the latest snapshot of a long stream', async () => {
    const stream = 'tally-default.long';
    const store = new CountingStore();
    const history = historyOf(
      stream,
      Array.from({ length: 300 }, () => ({ type: 'Added', data: { amount: 1 } })),
    );
    const hashed: EventToAppend[] = [];
    for (const [revision, event] of history.entries()) {
      const hash = nextLink(hashed.at(-1)?.metadata.hash, { ...event, stream, revision }) ?? '';
      hashed.push({ ...event, metadata: { ...event.metadata, hash } });
    }
    await store.append(stream, -1, hashed.slice(0, 250));
    const fold = await foldOnwards(decider, store, stream, emptyFold(decider));
    await saveSnapshot(store, { stream, snapshot: { fold, ring: { entries: [] } } });
    await store.append(stream, 249, hashed.slice(250));
    const [last] = store.eventsOf(stream).slice(-1) as [RecordedEvent];
    store.seen = 0;
    expect(shown(await after(foldsOver(store), [last]))).toMatchObject([
      { id: 'long', sum: 300, revision: 299 },
    ]);
    // The snapshot, the event that it must match, and the events after it.
    expect(store.seen).toBe(1 + 1 + 49);
  });

  test('are the same when events come again after a failure', async () => {
    const { store, events } = await streams('a', 'a', 'a');
    const folds = foldsOver(store);
    const first = await after(folds, events);
    expect(await after(folds, events)).toEqual(first);
    expect(shown(await after(folds, events.slice(0, 2)))).toMatchObject([{ id: 'a', sum: 2, revision: 1 }]);
  });

  test('wait for a store that is away', async () => {
    const { store, events } = await streams('a', 'a');
    store.setAway(true);
    await expect(after(foldsOver(store), events.slice(1))).rejects.toThrow('does not respond');
  });

  test('leave out only what cannot be folded', async () => {
    const { store, events } = await streams('good', 'bad', 'bad', 'good');
    const folds = foldsOver(store);
    expect(shown(await after(folds, events))).toMatchObject([{ id: 'good', sum: 2, revision: 1 }]);
    expect(await after(folds, events.slice(2, 3))).toEqual([]);
    expect(await after(foldsOver(store), events.slice(2, 3))).toEqual([]);
  });
});

describe('states of passing events of several versions', () => {
  const stream = 'tally-default.old';

  async function weighed(...versions: readonly number[]) {
    const store = new MemoryEventStore();
    const told = versions.map((version) => {
      return { type: 'Weighed', data: version === 1 ? { kilograms: 2 } : { amount: 5 } };
    });
    const events = historyOf(stream, told).map((event, index) => {
      return { ...event, metadata: { ...event.metadata, schemaVersion: versions[index] ?? 1 } };
    });
    await store.append(stream, -1, events);
    return { store, events: store.eventsOf(stream) };
  }

  test('show the current meaning of the events, under the hash of what is stored', async () => {
    const { store, events } = await weighed(1, 1, 2);
    const hash = events.reduce<string | undefined>((before, event) => nextLink(before, event), undefined);
    const state = { sum: 4_005, revision: 2, hash };
    expect(shown(await after(foldsOver(store), events))).toMatchObject([state]);
    expect(shown(await after(foldsOver(store), events.slice(2)))).toMatchObject([state]);
  });

  test('leave out an entity to which newer code has written', async () => {
    const { store, events } = await weighed(1, 3);
    expect(await after(foldsOver(store), events)).toEqual([]);
  });
});
