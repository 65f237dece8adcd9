import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EmbeddedStore } from '#libs/testing/embedded-store.js';
import { isEmbedded } from '#libs/testing/store-under-test.js';
import { depthOf } from '../support/depth.js';
import { Collector } from './collector.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { eventually, newEvent, newStream } from './store-kit.js';

const MB = 1_000_000;
const EVENTS = depthOf('STORE_EVENTS');
const BATCH = 200;
const STALLED = 4;
/** The garbage that a busy Node process may accumulate. The test reads many times as much. */
const ROOM_BYTES = 150 * MB;
const MINUTE = 60_000;

const onceEmbedded = isEmbedded() && clientName === '@eventstore/db-client' ? describe : describe.skip;

onceEmbedded(`the memory of the embedded server, over ${EVENTS.toLocaleString('en')} events of 2 kB`, () => {
  let server: EmbeddedStore;
  let store: StoreClient;
  let before = 0;
  let highest = 0;
  const watching = new AbortController();

  beforeAll(async () => {
    server = await EmbeddedStore.start();
    store = await connect(server.url);
    await write(5_000);
    await readAll();
    before = (await server.stats()).residentBytes;
    void watch();
  }, 5 * MINUTE);
  afterAll(async () => {
    watching.abort();
    await store.close();
    await server.stop();
  });

  async function watch(): Promise<void> {
    while (!watching.signal.aborted) {
      highest = Math.max(highest, (await server.stats().catch(() => ({ residentBytes: 0 }))).residentBytes);
      await pause(100);
    }
  }

  const payload = 'x'.repeat(2_000);

  async function write(count: number): Promise<void> {
    const writers = Array.from({ length: 4 }, async () => {
      const stream = newStream();
      for (let written = 0; written < count / 4; written += BATCH) {
        await store.append(
          stream,
          Array.from({ length: BATCH }, () => newEvent('large', { data: { payload } })),
        );
      }
    });
    await Promise.all(writers);
  }

  /** One by one, so that what the client reads does not burden the test either. */
  async function readAll(): Promise<number> {
    let count = 0;
    for await (const event of store.client.readAll()) if (event) count += 1;
    return count;
  }

  test(
    'stays flat while they are written, read and subscribed to, with clients that have stopped reading',
    async () => {
      const stalled = Array.from({ length: STALLED }, () => store.subscribeToAll());
      for (const one of stalled) one.on('error', () => undefined);
      await Promise.all([write(EVENTS), readAll()]);
      const counts = await Promise.all([readAll(), readAll()]);
      for (const count of counts) expect(count).toBeGreaterThanOrEqual(EVENTS);
      let seen = 0;
      const live = store.subscribeToAll();
      (live as NodeJS.ReadableStream).on('data', () => (seen += 1));
      await eventually('it has all come', () => seen >= EVENTS, 5 * MINUTE);
      await Promise.all([live, ...stalled].map((one) => one.unsubscribe()));
      console.log(`resident: ${Math.round(before / MB)} MB before, ${Math.round(highest / MB)} MB at most`);
      expect(highest - before).toBeLessThan(ROOM_BYTES);
    },
    30 * MINUTE,
  );

  test('tells a live subscriber that stops reading that it fell behind, and when it has caught up', async () => {
    const stream = newStream();
    const subscription = store.subscribeToStream(stream);
    const told: string[] = [];
    for (const word of ['caughtUp', 'fellBehind'] as const) subscription.on(word, () => told.push(word));
    await eventually('it is live', () => told.length > 0);
    const count = 6_000;
    for (let written = 0; written < count; written += BATCH) {
      await store.append(
        stream,
        Array.from({ length: BATCH }, () => newEvent('large', { data: { payload } })),
      );
    }
    const seen = new Collector(subscription);
    await seen.untilCount(count);
    await seen.untilCaughtUp();
    expect(told.slice(0, 2)).toEqual(['caughtUp', 'fellBehind']);
    expect(told.at(-1)).toBe('caughtUp');
    await seen.stop();
  });
});
