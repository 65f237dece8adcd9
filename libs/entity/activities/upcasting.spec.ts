import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Decider } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { UnknownVersionError } from '#libs/core/upcast.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { BatchFold } from '#libs/read-model/batch-fold.js';
import { viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold } from './fold-stream.js';

type Weigh = { type: 'Weigh'; data: { grams: number }; at: string };
type Weighed = { type: 'Weighed'; data: { grams: number; scale: string } };

/** Version 1 had kilograms, version 2 grams, version 3 says on which scale. */
const parcel: Decider<{ grams: number; scales: readonly string[] }, Weigh, Weighed> = {
  name: 'parcel',
  stateVersion: 1,
  initialState: { grams: 0, scales: [] },
  upcasts: {
    Weighed: [
      ({ kilograms, ...rest }: JsonObject) => ({ ...rest, grams: Number(kilograms) * 1_000 }),
      (data) => ({ ...data, scale: 'unknown' }),
    ],
  },
  decide: ({ data }) => [{ type: 'Weighed', data: { ...data, scale: 'new' } }],
  evolve: ({ scales }, { data: { grams, scale } }) => ({ grams, scales: [...scales, scale] }),
};
const stream = streamName('parcel', 'one');
const weigh = envelopeOf({ type: 'Weigh', data: { grams: 5 } }, 'weigh');

function stored(schemaVersion: number, data: JsonObject): EventToAppend {
  const id = `00000000-0000-4000-8000-00000000000${schemaVersion}`;
  const ids = { commandId: id, $correlationId: id, $causationId: id };
  return {
    id,
    type: 'Weighed',
    data,
    metadata: { ...ids, actor: 'somebody', at: moment(), index: 0, count: 1, schemaVersion },
  };
}

const old = [stored(1, { kilograms: 2 }), stored(2, { grams: 7 })];

async function entity(...events: readonly EventToAppend[]) {
  const store = new MemoryEventStore();
  await store.append(stream, -1, events);
  const logger = pino({ level: 'silent' });
  return { store, ...createEntityActivities({ decider: parcel, store, logger }) };
}

describe('an entity with events of older versions', () => {
  it('is folded from what they mean today', async () => {
    const { loadEntity } = await entity(...old, stored(3, { grams: 9, scale: 'b' }));
    const { fold } = await loadEntity({ stream, now: moment() });
    expect(fold).toMatchObject({ revision: 2, state: { grams: 9, scales: ['unknown', 'unknown', 'b'] } });
  });

  it('writes the current version, and leaves the stored ones as they are', async () => {
    const { store, decideAndAppend } = await entity(...old);
    const request = { stream, fold: emptyFold(parcel), batch: [weigh], now: moment(), searchStream: false };
    const { events } = await decideAndAppend(request);
    expect(events.map(({ data }) => data)).toEqual([
      { grams: 2_000, scale: 'unknown' },
      { grams: 7, scale: 'unknown' },
      { grams: 5, scale: 'new' },
    ]);
    const found = [];
    for await (const { data, metadata } of store.read(stream)) found.push([metadata.schemaVersion, data]);
    expect(found).toEqual([
      [1, { kilograms: 2 }],
      [2, { grams: 7 }],
      [3, { grams: 5, scale: 'new' }],
    ]);
  });

  it('decides nothing when newer code has written to the stream', async () => {
    const { store, loadEntity, decideAndAppend } = await entity(...old, stored(4, { tons: 1 }));
    await expect(loadEntity({ stream, now: moment() })).rejects.toThrow(UnknownVersionError);
    const request = { stream, fold: emptyFold(parcel), batch: [weigh], now: moment(), searchStream: false };
    await expect(decideAndAppend(request)).rejects.toThrow('Weighed is stored in version 4');
    const revisions = [];
    for await (const { revision } of store.read(stream)) revisions.push(revision);
    expect(revisions).toEqual([0, 1, 2]);
  });
});

describe('a view of such an entity', () => {
  const tables = { parcels: viewTable('parcels', { key: ['id'], row: { id: 'text', grams: 'bigint' } }) };
  const view = defineView<{ grams: number }, Weighed, typeof tables>({
    ...{ name: 'parcels', version: 1, category: 'parcel', tables, initialState: { grams: 0 } },
    upcasts: parcel.upcasts ?? {},
    project: (_, { entityId: id, data: { grams } }) => ({
      state: { grams },
      rows: { parcels: [{ id, grams }] },
    }),
  });

  async function folded(...events: readonly EventToAppend[]) {
    const { store } = await entity(...events);
    const fresh = { stream, revision: -1, state: { grams: 0 }, isParked: false, isChanged: false };
    const entities = new Map([[stream, fresh]]);
    const fold = new BatchFold({ view, entities, amendments: new Map(), readMissing: async function* () {} });
    for await (const event of store.read(stream)) await fold.add(toPublishedEvent(event));
    return fold;
  }

  it('sees what they mean today', async () => {
    const { entities, parked } = await folded(...old);
    expect(entities.get(stream)).toMatchObject({ revision: 1, state: { grams: 7 } });
    expect(parked).toEqual([]);
  });

  it('parks at one that newer code has written, with the stored data', async () => {
    const { entities, parked, queued } = await folded(...old, stored(4, { tons: 1 }));
    expect(entities.get(stream)).toMatchObject({ revision: 1 });
    expect(parked).toMatchObject([{ revision: 2, reason: expect.stringContaining('version 4') }]);
    expect(queued).toMatchObject([{ schemaVersion: 4, data: { tons: 1 } }]);
  });
});
