import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventData, RecordedEvent } from '@eventstore/db-client';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type Resolved, type StoreClient } from './official-client.js';
import {
  BACKWARDS,
  END,
  failureOf,
  FORWARDS,
  newEvent,
  newEvents,
  newStream,
  NO_STREAM,
  recorded,
} from './store-kit.js';

// Others may write to the same server, so the tests concern only these events, or neighbours in one
// append.
describe(`reading $all with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  let events: EventData[];
  let [a, b, c] = [] as RecordedEvent[];
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(async () => {
    stream = newStream();
    events = newEvents('A', 'B', 'C');
    await store.append(stream, events, NO_STREAM);
    [a, b, c] = recorded(await store.readStream(stream));
  });
  afterAll(() => store.close());

  const ours = (read: readonly Resolved[], ...streams: string[]): string[] =>
    read.flatMap(({ event }) => (event && streams.includes(event.streamId) ? [event.id] : []));

  test('forwards from the position of an event begins with that event', async () => {
    const read = await store.readAll({ from: b!.position!, limit: 2 });
    expect(ours(read, stream)).toEqual([b!.id, c!.id]);
  });

  test('backwards from the position of an event begins with the one before', async () => {
    const read = await store.readAll({ from: c!.position!, direction: BACKWARDS, limit: 2 });
    expect(ours(read, stream)).toEqual([b!.id, a!.id]);
  });

  test('backwards from END begins with the last event', async () => {
    const read = await store.readAll({ from: END, direction: BACKWARDS, limit: 1_000 });
    expect(ours(read, stream)).toEqual([c!.id, b!.id, a!.id]);
  });

  test('gives the events of all streams in the order of their appends, each once', async () => {
    const other = newStream();
    const order: string[] = [];
    for (let index = 0; index < 20; index++) {
      const event = newEvent(`step ${index}`);
      await store.append(index % 2 === 0 ? other : stream, [event]);
      order.push(event.id);
    }
    const read = await store.readAll({ from: c!.position! });
    expect(ours(read, stream, other)).toEqual([c!.id, ...order]);
    const back = await store.readAll({ from: END, direction: BACKWARDS, limit: 1_000 });
    expect(ours(back, stream, other)).toEqual([...order.toReversed(), c!.id, b!.id, a!.id]);
  });

  test('is complete and in order over many pages, with the revisions and positions of the stream', async () => {
    const long = newStream();
    const many = Array.from({ length: 1_234 }, (_, index) => newEvent(`event ${index}`));
    await store.append(long, many, NO_STREAM);
    const byStream = recorded(await store.readStream(long));
    const [first] = byStream;
    const byAll = recorded(await store.readAll({ from: first!.position! })).filter(
      ({ streamId }) => streamId === long,
    );
    expect(byAll).toEqual(byStream);
  });

  test('from a position that is no event’s and no checkpoint’s is an error', async () => {
    const { commit } = a!.position!;
    // Positions are not a counter: there are gaps between neighbours.
    expect(b!.position!.commit).toBeGreaterThan(commit + 1n);
    const between = { commit: commit + 1n, prepare: commit + 1n };
    const { type } = await failureOf(store.readAll({ from: between, limit: 1 }));
    // UNKNOWN on the wire, which the later client's reader reports as unavailable.
    expect(['unknown', 'unavailable']).toContain(type);
  });

  test('with a limit of 0 is an error', async () => {
    await failureOf(store.readAll({ from: a!.position!, direction: FORWARDS, limit: 0 }));
  });
});
