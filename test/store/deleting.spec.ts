import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventData } from '@eventstore/db-client';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import {
  ANY,
  BACKWARDS,
  END,
  failureOf,
  ids,
  newEvents,
  newStream,
  NO_STREAM,
  recorded,
  revisions,
  STREAM_EXISTS,
} from './store-kit.js';

describe(`deleting with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(() => {
    stream = newStream();
  });
  afterAll(() => store.close());

  const visible = async (): Promise<number[]> => revisions(await store.readStream(stream));

  test.each([
    ['ANY', ANY],
    ['NO_STREAM', NO_STREAM],
  ] as const)('a missing stream with %s conflicts', async (_, expected) => {
    expect(await failureOf(store.deleteStream(stream, expected))).toMatchObject({
      type: 'wrong-expected-version',
    });
  });

  test('with a stale exact revision conflicts, and all stays visible', async () => {
    await store.append(stream, newEvents('A', 'B', 'C'), NO_STREAM);
    expect(await failureOf(store.deleteStream(stream, 1n))).toMatchObject({ type: 'wrong-expected-version' });
    expect(await visible()).toEqual([0, 1, 2]);
  });

  describe.each([
    ['with ANY', ANY],
    ['with its exact revision', 2n],
  ] as const)('a stream of three events %s', (_, deletedWith) => {
    beforeEach(async () => {
      await store.append(stream, newEvents('A', 'B', 'C'), NO_STREAM);
      await store.deleteStream(stream, deletedWith);
    });

    test('leaves it to be read as not found, in both directions', async () => {
      expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
      const back = store.readStream(stream, { direction: BACKWARDS, from: END });
      expect(await failureOf(back)).toMatchObject({ type: 'stream-not-found' });
    });

    test.each([
      ['NO_STREAM', NO_STREAM],
      ['ANY', ANY],
      ['the last real revision', 2n],
    ] as const)(
      'lets an append with %s continue with the next revision; earlier events stay hidden',
      async (__, expected) => {
        const events = newEvents('D', 'E');
        expect(await store.append(stream, events, expected)).toMatchObject({ nextExpectedRevision: 4n });
        const read = await store.readStream(stream);
        expect(revisions(read)).toEqual([3, 4]);
        expect(ids(read)).toEqual(events.map(({ id }) => id));
        expect(revisions(await store.readStream(stream, { direction: BACKWARDS, from: END }))).toEqual([
          4, 3,
        ]);
        expect(await store.getMetadata(stream)).toMatchObject({ truncateBefore: 3 });
      },
    );

    test('lets an append with a stale exact revision conflict', async () => {
      const failure = await failureOf(store.append(stream, newEvents('X'), 1n));
      expect(failure).toMatchObject({ type: 'wrong-expected-version' });
      await failureOf(store.readStream(stream));
    });

    test('is answered as deleted to an append with STREAM_EXISTS', async () => {
      const failure = await failureOf(store.append(stream, newEvents('X'), STREAM_EXISTS));
      expect(failure).toMatchObject({ type: 'stream-deleted' });
    });
  });

  test('and writing again, twice, hides each time what was before', async () => {
    await store.append(stream, newEvents('A', 'B'), NO_STREAM);
    await store.deleteStream(stream);
    await store.append(stream, newEvents('C'), NO_STREAM);
    expect(await visible()).toEqual([2]);
    await store.deleteStream(stream);
    await store.append(stream, newEvents('D'), NO_STREAM);
    expect(await visible()).toEqual([3]);
    expect(await store.append(stream, newEvents('E'), 3n)).toMatchObject({ nextExpectedRevision: 4n });
  });

  test('leaves a later append to be recognised when it is repeated', async () => {
    await store.append(stream, newEvents('A'), NO_STREAM);
    await store.deleteStream(stream);
    const [b] = newEvents('B');
    const first = await store.append(stream, [b], 0n);
    expect(await store.append(stream, [b], 0n)).toEqual(first);
    expect(await visible()).toEqual([1]);
  });
});

describe(`a tombstone, with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  let events: EventData[];
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(async () => {
    stream = newStream();
    events = newEvents('A', 'B');
    await store.append(stream, events, NO_STREAM);
  });
  afterAll(() => store.close());

  const isDeleted = { type: 'stream-deleted' };

  test('ends reads, appends, deletes and metadata for good: all are answered as deleted', async () => {
    await store.tombstoneStream(stream, 1n);
    expect(await failureOf(store.readStream(stream))).toMatchObject(isDeleted);
    expect(await failureOf(store.readStream(stream, { direction: BACKWARDS, from: END }))).toMatchObject(
      isDeleted,
    );
    for (const expected of [ANY, NO_STREAM, STREAM_EXISTS, 1n] as const) {
      expect(await failureOf(store.append(stream, newEvents('C'), expected))).toMatchObject(isDeleted);
    }
    expect(await failureOf(store.append(stream, events, NO_STREAM))).toMatchObject(isDeleted);
    expect(await failureOf(store.deleteStream(stream))).toMatchObject(isDeleted);
    expect(await failureOf(store.tombstoneStream(stream))).toMatchObject(isDeleted);
    expect(await failureOf(store.setMetadata(stream, { maxCount: 1 }))).toMatchObject(isDeleted);
  });

  test('with a stale exact revision conflicts, and nothing is lost', async () => {
    const failure = await failureOf(store.tombstoneStream(stream, 0n));
    expect(failure).toMatchObject({ type: 'wrong-expected-version' });
    expect(ids(await store.readStream(stream))).toEqual(events.map(({ id }) => id));
  });

  test('can be put on a missing stream, which can never be written to then', async () => {
    const missing = newStream();
    await store.tombstoneStream(missing);
    expect(await failureOf(store.append(missing, newEvents('A'), NO_STREAM))).toMatchObject(isDeleted);
    expect(await failureOf(store.readStream(missing))).toMatchObject(isDeleted);
  });

  test('can be put on a deleted stream', async () => {
    await store.deleteStream(stream);
    await store.tombstoneStream(stream);
    expect(await failureOf(store.append(stream, newEvents('C'), ANY))).toMatchObject(isDeleted);
  });

  test('leaves other streams alone', async () => {
    await store.tombstoneStream(stream);
    const other = `${stream}-other`;
    await store.append(other, newEvents('A'), NO_STREAM);
    expect(recorded(await store.readStream(other))).toHaveLength(1);
  });
});
