import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { ANY, failureOf, ids, newEvent, newEvents, newStream, NO_STREAM, recorded } from './store-kit.js';

const MIB = 1_048_576;

describe(`the limits of an append, with ${clientName}`, () => {
  let store: StoreClient;
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  afterAll(() => store.close());

  const ofSize = (bytes: number) =>
    newEvent('large', { contentType: 'application/octet-stream', data: new Uint8Array(bytes) });

  test('one event of 1,000,000 bytes is taken, and read back whole', async () => {
    const stream = newStream();
    const event = ofSize(1_000_000);
    expect(await store.append(stream, [event], NO_STREAM)).toMatchObject({ nextExpectedRevision: 0n });
    const [read] = recorded(await store.readStream(stream));
    expect((read!.data as Uint8Array).length).toBe(1_000_000);
  });

  test.each([
    ['one event of 1,100,000 bytes', [1_100_000]],
    ['two of 600,000 in one append', [600_000, 600_000]],
  ])('%s is refused as too large, and nothing is written', async (_, sizes) => {
    const stream = newStream();
    const failure = await failureOf(store.append(stream, sizes.map(ofSize), NO_STREAM));
    expect(failure).toMatchObject({ type: 'maximum-append-size-exceeded' });
    expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
  });

  test('the refusal says how large an append may be: 1 MiB', async () => {
    const refused: unknown = await store
      .append(newStream(), [ofSize(2 * MIB)], NO_STREAM)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ maxAppendSize: MIB });
  });

  test('an append of several messages is refused just so, and the next one goes through', async () => {
    const stream = newStream();
    const failure = await failureOf(
      store.append(
        stream,
        Array.from({ length: 12 }, () => ofSize(500_000)),
        ANY,
      ),
    );
    expect(failure).toMatchObject({ type: 'maximum-append-size-exceeded' });
    const [a] = newEvents('A');
    await store.append(stream, [a], NO_STREAM);
    expect(ids(await store.readStream(stream))).toEqual([a.id]);
  });

  test('a thousand events in one append are taken whole and in order', async () => {
    const stream = newStream();
    const events = Array.from({ length: 1_000 }, (_, index) => newEvent(`event ${index}`));
    expect(await store.append(stream, events, NO_STREAM)).toMatchObject({ nextExpectedRevision: 999n });
    expect(ids(await store.readStream(stream))).toEqual(events.map(({ id }) => id));
  });

  test('an empty name of a stream is refused', async () => {
    expect(await failureOf(store.append('', newEvents('A'), ANY))).toMatchObject({
      type: expect.stringMatching(/invalid-argument|unknown/),
    });
    await failureOf(store.readStream(''));
  });

  test('an empty type of an event is refused, and nothing is written', async () => {
    const stream = newStream();
    await failureOf(store.append(stream, [newEvent('A'), newEvent('B', { type: '' })], NO_STREAM));
    expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
  });

  test.each(['ä-ö ü/🙂', 'a'.repeat(200), 'with "quotes"\\and\nlines', 'category-1-2-3', 'UPPER-lower'])(
    'a stream may be named %j',
    async (name) => {
      const stream = `${newStream()}${name}`;
      const [a] = newEvents('A');
      await store.append(stream, [a], NO_STREAM);
      expect(recorded(await store.readStream(stream))).toMatchObject([{ id: a.id, streamId: stream }]);
      expect(await failureOf(store.readStream(`${stream} `))).toMatchObject({ type: 'stream-not-found' });
    },
  );
});
