import { describe, expect, it } from '@jest/globals';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import { nextLink } from '#libs/event-store/event-hash.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { Pace, TAKING_TURNS } from './pace.js';
import { retell } from './retold-stream.js';

interface Weighed extends DomainEvent {
  readonly type: 'Weighed';
  readonly data: { readonly grams: number };
}

/** Version 1 had kilograms. */
const parcel: AnyDecider = {
  name: 'parcel',
  stateVersion: 2,
  initialState: { grams: 0 },
  upcasts: { Weighed: [({ kilograms }) => ({ grams: Number(kilograms) * 1_000 })] },
  decide: () => [],
  evolve: ({ grams }: { grams: number }, { data }: Weighed) => {
    if (data.grams < 0) throw new RangeError('no rule for lifting');
    return { grams: grams + data.grams };
  },
};
const tables = { parcels: viewTable('parcels', { key: ['id'], row: { id: 'text', grams: 'bigint' } }) };
const view = defineView<{ grams: number }, Weighed, typeof tables>({
  ...{ name: 'parcels', version: 1, category: 'parcel', tables, initialState: { grams: 0 } },
  upcasts: parcel.upcasts ?? {},
  project: ({ grams: before }, { entityId: id, data }) => {
    const grams = before + data.grams;
    return { state: { grams }, rows: { parcels: [{ id, grams }] } };
  },
});
const stream = 'parcel-default.one';

/** A stream with hashes, as an entity writes it. */
async function told(...stored: readonly Pick<EventToAppend, 'data'>[]) {
  const store = new MemoryEventStore();
  let hash: string | undefined;
  const history = historyOf(
    stream,
    stored.map(({ data }) => ({ type: 'Weighed', data })),
  );
  const events = history.map((event, revision) => {
    hash = nextLink(hash, { ...event, stream, revision });
    const schemaVersion = 'grams' in event.data ? 2 : 1;
    return { ...event, metadata: { ...event.metadata, schemaVersion, ...(hash !== undefined && { hash }) } };
  });
  await store.append(stream, -1, events);
  const head = events.length - 1;
  const views = [{ view, revision: head, amendments: new Map() }];
  return retell(store, parcel, stream, { entity: [head], views }, new Pace(TAKING_TURNS));
}

describe('a stream', () => {
  it('has the current meaning of its events, and trusts what is stored', async () => {
    const { head, broken, states, folds } = await told({ data: { kilograms: 2 } }, { data: { grams: 7 } });
    expect([head, broken]).toEqual([1, undefined]);
    expect(states.get(1)).toEqual({ grams: 2_007 });
    const fold = folds.get(view);
    expect(fold?.parked).toEqual([]);
    expect(fold?.entities.get(stream)).toMatchObject({ revision: 1, state: { grams: 2_007 } });
  });

  it('that the rules cannot fold is reported as such', async () => {
    const { head, broken, states } = await told({ data: { grams: -1 } }, { data: { grams: 7 } });
    expect([head, states.get(1)]).toEqual([1, undefined]);
    expect(broken).toBe('revision 0 cannot be folded: RangeError: no rule for lifting');
  });
});
