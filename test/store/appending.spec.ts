import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import {
  ANY,
  conflictAt,
  failureOf,
  ids,
  newEvent,
  newEvents,
  newStream,
  NO_STREAM,
  recorded,
  revisions,
  STREAM_EXISTS,
} from './store-kit.js';

describe(`appending with ${clientName}`, () => {
  let store: StoreClient;
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  afterAll(() => store.close());

  test('keeps id, type, data and metadata of an event, and the time of its creation', async () => {
    const stream = newStream();
    const given = {
      type: 'Opened',
      data: { name: 'Zoë 🙂', amount: 12.5, list: [1, null, true] },
      metadata: { by: 'me' },
    };
    const event = newEvent('A', given);
    const before = Date.now();
    await store.append(stream, [event], NO_STREAM);
    const [read] = recorded(await store.readStream(stream));
    expect(read).toMatchObject({ ...given, id: event.id, streamId: stream, revision: 0n, isJson: true });
    // Clocks of two machines may differ slightly.
    expect(Math.abs(read!.created.getTime() - before)).toBeLessThan(60_000);
  });

  test('keeps binary data and metadata as they are', async () => {
    const stream = newStream();
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const event = newEvent('A', { contentType: 'application/octet-stream', data: bytes, metadata: bytes });
    await store.append(stream, [event], NO_STREAM);
    const [read] = recorded(await store.readStream(stream));
    expect(read).toMatchObject({ id: event.id, isJson: false });
    expect(Uint8Array.from(read!.data as Uint8Array)).toEqual(bytes);
    expect(Uint8Array.from(read!.metadata as Uint8Array)).toEqual(bytes);
  });

  test('answers the revision and the position of the last event', async () => {
    const stream = newStream();
    const answer = await store.append(stream, newEvents('A', 'B', 'C'), NO_STREAM);
    const events = recorded(await store.readStream(stream));
    expect(answer).toMatchObject({ success: true, nextExpectedRevision: 2n, position: events[2]!.position });
  });

  test('with the current exact revision, ANY or STREAM_EXISTS continues where the stream ends', async () => {
    const stream = newStream();
    const [a, b, c, d] = newEvents('A', 'B', 'C', 'D');
    await store.append(stream, [a], NO_STREAM);
    expect(await store.append(stream, [b], 0n)).toMatchObject({ nextExpectedRevision: 1n });
    expect(await store.append(stream, [c], ANY)).toMatchObject({ nextExpectedRevision: 2n });
    expect(await store.append(stream, [d], STREAM_EXISTS)).toMatchObject({ nextExpectedRevision: 3n });
    expect(ids(await store.readStream(stream))).toEqual([a.id, b.id, c.id, d.id]);
  });

  test.each([
    ['NO_STREAM', NO_STREAM],
    ['a stale revision', 0n],
    ['a revision too high', 5n],
  ] as const)(
    'with %s conflicts, reports the revision of the stream and writes nothing',
    async (_, expected) => {
      const stream = newStream();
      const [a, b, x] = newEvents('A', 'B', 'X');
      await store.append(stream, [a, b], NO_STREAM);
      expect(await failureOf(store.append(stream, [x], expected))).toMatchObject(conflictAt(1n));
      expect(ids(await store.readStream(stream))).toEqual([a.id, b.id]);
    },
  );

  test.each([
    ['exact 0', 0n],
    ['STREAM_EXISTS', STREAM_EXISTS],
  ] as const)('to a missing stream with %s conflicts: there is no stream', async (_, expected) => {
    const stream = newStream();
    const failure = await failureOf(store.append(stream, newEvents('A'), expected));
    expect(failure).toMatchObject(conflictAt('no_stream'));
    expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
  });

  test('of no events with NO_STREAM or ANY is answered with revision 0, and makes no stream', async () => {
    const stream = newStream();
    expect(await store.append(stream, [], NO_STREAM)).toMatchObject({ nextExpectedRevision: 0n });
    expect(await store.append(stream, [], ANY)).toMatchObject({ nextExpectedRevision: 0n });
    expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
  });

  test('of no events with a wrong exact revision conflicts', async () => {
    const stream = newStream();
    expect(await failureOf(store.append(stream, [], 3n))).toMatchObject(conflictAt('no_stream'));
    await store.append(stream, newEvents('A', 'B'), NO_STREAM);
    expect(await failureOf(store.append(stream, [], 0n))).toMatchObject(conflictAt(1n));
  });

  test('32 times at once with NO_STREAM and different ids succeeds exactly once', async () => {
    const stream = newStream();
    const events = Array.from({ length: 32 }, (_, index) => newEvent(`writer ${index}`));
    const answers = await Promise.allSettled(events.map((event) => store.append(stream, [event], NO_STREAM)));
    const winners = answers.flatMap(({ status }, index) =>
      status === 'fulfilled' ? [events[index]!.id] : [],
    );
    expect(winners).toHaveLength(1);
    expect(ids(await store.readStream(stream))).toEqual(winners);
    const losers = answers.filter(({ status }) => status === 'rejected');
    for (const { reason } of losers as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ type: 'wrong-expected-version' });
    }
  });

  test('by many at once with ANY writes each once and leaves no gap', async () => {
    const stream = newStream();
    const events = Array.from({ length: 64 }, (_, index) => newEvent(`writer ${index}`));
    const answers = await Promise.all(events.map((event) => store.append(stream, [event], ANY)));
    const read = await store.readStream(stream);
    expect(ids(read).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
    expect(revisions(read)).toEqual(events.map((_, index) => index));
    for (const [index, { nextExpectedRevision }] of answers.entries()) {
      expect(ids(read)[Number(nextExpectedRevision)]).toBe(events[index]!.id);
    }
  });

  test('is read back at once, by another connection too', async () => {
    const other = await connect(storeUrl());
    const stream = newStream();
    for (let revision = 0; revision < 20; revision++) {
      const event = newEvent(`step ${revision}`);
      await store.append(stream, [event], revision === 0 ? NO_STREAM : BigInt(revision - 1));
      expect(ids(await other.readStream(stream)).at(-1)).toBe(event.id);
    }
    await other.close();
  });
});
