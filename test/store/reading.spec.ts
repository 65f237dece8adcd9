import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventData } from '@eventstore/db-client';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import {
  BACKWARDS,
  END,
  failureOf,
  FORWARDS,
  ids,
  newEvent,
  newEvents,
  newStream,
  NO_STREAM,
  recorded,
  revisions,
  START,
} from './store-kit.js';

// The later client requests neither: it takes the word as the end from which to read.
const askable = clientName === '@eventstore/db-client' ? test : test.skip;

describe(`reading a stream with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  let events: EventData[];
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(async () => {
    stream = newStream();
    events = newEvents('A', 'B', 'C', 'D', 'E');
    await store.append(stream, events, NO_STREAM);
  });
  afterAll(() => store.close());

  test.each([FORWARDS, BACKWARDS] as const)('%s reports a missing one as not found', async (direction) => {
    const missing = newStream();
    const from = direction === FORWARDS ? START : END;
    const failure = await failureOf(store.readStream(missing, { direction, from }));
    expect(failure).toMatchObject({ type: 'stream-not-found' });
  });

  test('goes forwards from the start, and backwards from the end', async () => {
    expect(revisions(await store.readStream(stream))).toEqual([0, 1, 2, 3, 4]);
    expect(revisions(await store.readStream(stream, { direction: BACKWARDS, from: END }))).toEqual([
      4, 3, 2, 1, 0,
    ]);
  });

  test('begins with the event of the revision that it is given', async () => {
    expect(revisions(await store.readStream(stream, { from: 2n }))).toEqual([2, 3, 4]);
    expect(revisions(await store.readStream(stream, { from: 2n, direction: BACKWARDS }))).toEqual([2, 1, 0]);
  });

  test('ends at its limit', async () => {
    expect(revisions(await store.readStream(stream, { from: 1n, limit: 2 }))).toEqual([1, 2]);
    expect(revisions(await store.readStream(stream, { from: END, direction: BACKWARDS, limit: 2 }))).toEqual([
      4, 3,
    ]);
  });

  test('forwards from beyond the end gives nothing', async () => {
    expect(await store.readStream(stream, { from: 5n })).toEqual([]);
    expect(await store.readStream(stream, { from: 1_000n })).toEqual([]);
  });

  test('backwards from beyond the end starts at the end', async () => {
    const read = await store.readStream(stream, { from: 1_000n, direction: BACKWARDS, limit: 2 });
    expect(revisions(read)).toEqual([4, 3]);
  });

  askable('backwards from START gives the first event', async () => {
    expect(revisions(await store.readStream(stream, { from: START, direction: BACKWARDS }))).toEqual([0]);
  });

  askable('forwards from END is an error', async () => {
    await failureOf(store.readStream(stream, { from: END, direction: FORWARDS }));
  });

  test('with a limit of 0 is an error', async () => {
    await failureOf(store.readStream(stream, { limit: 0 }));
  });

  test('gives each event a position of its own, also inside one append: commit is prepare, and they rise', async () => {
    await store.append(stream, newEvents('F', 'G'), 4n);
    const positions = recorded(await store.readStream(stream)).map(({ position }) => position!);
    expect(positions).toHaveLength(7);
    for (const { commit, prepare } of positions) expect(commit).toBe(prepare);
    for (const [index, { commit }] of positions.slice(1).entries()) {
      expect(commit > positions[index]!.commit).toBe(true);
    }
  });

  test('in both directions is whole and in order over many pages', async () => {
    const long = newStream();
    const many = Array.from({ length: 2_345 }, (_, index) => newEvent(`event ${index}`));
    await store.append(long, many, NO_STREAM);
    const expected = many.map(({ id }) => id);
    expect(ids(await store.readStream(long))).toEqual(expected);
    expect(ids(await store.readStream(long, { direction: BACKWARDS, from: END }))).toEqual(
      expected.toReversed(),
    );
    expect(ids(await store.readStream(long, { from: 400n, limit: 1_300 }))).toEqual(
      expected.slice(400, 1_700),
    );
  });

  test('shows a consistent state during concurrent appends', async () => {
    const writing = Promise.all(
      Array.from({ length: 30 }, (_, index) => store.append(stream, newEvents(`more ${index}`))),
    );
    for (let round = 0; round < 10; round++) {
      const read = revisions(await store.readStream(stream));
      expect(read).toEqual(read.map((_, index) => index));
      expect(read.length).toBeGreaterThanOrEqual(5);
    }
    await writing;
    expect(await store.readStream(stream)).toHaveLength(35);
  });
});
