import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AppendExpectedRevision, AppendResult, EventData } from '@eventstore/db-client';
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
  STREAM_EXISTS,
} from './store-kit.js';

/**
 * The clients append with a call that many share. They use a separate call only for an append with
 * credentials.
 */
describe(`an append by a call of its own, with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(() => {
    stream = newStream();
  });
  afterAll(() => store.close());

  const append = (events: EventData[], expected: AppendExpectedRevision): Promise<AppendResult> =>
    store.append(stream, events, expected, { username: 'admin', password: 'changeit' });

  test('is answered as one of many is, and so is its repeat', async () => {
    const events = newEvents('A', 'B');
    const first = await append(events, NO_STREAM);
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 1n });
    expect(await append(events, NO_STREAM)).toEqual(first);
    expect(await store.append(stream, events, NO_STREAM)).toEqual(first);
    expect(ids(await store.readStream(stream))).toEqual(events.map(({ id }) => id));
  });

  test.each([
    ['NO_STREAM', NO_STREAM],
    ['a stale revision', 0n],
    ['a revision too high', 5n],
  ] as const)('with %s conflicts, and reports the revision of the stream', async (_, expected) => {
    await append(newEvents('A', 'B'), ANY);
    expect(await failureOf(append(newEvents('X'), expected))).toMatchObject(conflictAt(1n));
  });

  test('to a missing stream with STREAM_EXISTS conflicts', async () => {
    expect(await failureOf(append(newEvents('A'), STREAM_EXISTS))).toMatchObject(conflictAt('no_stream'));
  });

  test('that is too large is refused, and nothing is written', async () => {
    const data = new Uint8Array(1_100_000);
    const large = newEvent('large', { contentType: 'application/octet-stream', data });
    expect(await failureOf(append([large], NO_STREAM))).toMatchObject({
      type: 'maximum-append-size-exceeded',
    });
    expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
  });

  test('to a tombstoned stream is answered as deleted', async () => {
    await store.tombstoneStream(stream);
    expect(await failureOf(append(newEvents('A'), ANY))).toMatchObject({ type: 'stream-deleted' });
  });
});
