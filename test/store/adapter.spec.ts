import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  EventStore,
  EventToAppend,
  RecordedEvent,
  SubscriptionMessage,
} from '#libs/event-store/event-store.js';
import type { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import { EmbeddedStore } from '#libs/testing/embedded-store.js';
import { isEmbedded } from '#libs/testing/store-under-test.js';
import { clientName, connect } from './official-client.js';
import { eventually } from './store-kit.js';

// The adapter uses this client.
const once = isEmbedded() && clientName === '@eventstore/db-client' ? describe : describe.skip;

once('the adapter', () => {
  let open: typeof connectEventStore;
  let server: EmbeddedStore;
  let store: EventStore;
  let stream: string;
  beforeAll(async () => {
    ({ connectEventStore: open } = await import('#libs/event-store/eventstoredb-store.js'));
    server = await EmbeddedStore.start();
    store = open(server.url);
  });
  beforeEach(async () => {
    stream = `adapter-${randomUUID()}`;
    await eventually('the store answers', () => store.isReachable());
  });
  afterEach(async () => {
    server.thaw();
    await server.restart();
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  function newEvent(given: Partial<EventToAppend> = {}): EventToAppend {
    const id = randomUUID();
    const ids = { commandId: id, $correlationId: id, $causationId: id };
    const at = '2026-01-01T00:00:00.000Z' as EventToAppend['metadata']['at'];
    const metadata = { ...ids, actor: 'tester', at, index: 0, count: 1, schemaVersion: 1 };
    return { id, type: 'Happened', data: { amount: 1 }, metadata, ...given };
  }

  async function readAll(from: EventStore = store, name: string = stream): Promise<RecordedEvent[]> {
    const read: RecordedEvent[] = [];
    for await (const event of from.read(name)) read.push(event);
    return read;
  }

  const failure = (call: Promise<unknown>): Promise<Error> =>
    call.then(
      () => Promise.reject(new Error('it was expected to fail')),
      (error: Error) => error,
    );

  async function insist(expected: number, event: EventToAppend): Promise<number> {
    let revision: number | undefined;
    await eventually('the append is answered', async () => {
      revision = await store.append(stream, expected, [event]).catch(() => undefined);
      return revision !== undefined;
    });
    return revision!;
  }

  describe('appends', () => {
    test('and returns the revision; what it wrote is read back unchanged', async () => {
      const events = [newEvent(), newEvent({ data: { name: 'Zoë' } })];
      expect(await store.append(stream, -1, events)).toBe(1);
      const read = await readAll();
      expect(read).toMatchObject(events.map((event, revision) => ({ ...event, stream, revision })));
    });

    test('and a repeat is answered as the first time', async () => {
      const event = newEvent();
      expect(await store.append(stream, -1, [event])).toBe(0);
      expect(await store.append(stream, -1, [event])).toBe(0);
      expect(await readAll()).toHaveLength(1);
    });

    test('and a conflict has the revision of the stream, -1 if there is none', async () => {
      expect(await failure(store.append(stream, 3, [newEvent()]))).toMatchObject({
        name: 'WrongExpectedRevisionError',
        actual: -1,
      });
      await store.append(stream, -1, [newEvent(), newEvent()]);
      expect(await failure(store.append(stream, 0, [newEvent()]))).toMatchObject({
        name: 'WrongExpectedRevisionError',
        expected: 0,
        actual: 1,
      });
    });

    test.each<[string, () => Promise<unknown>]>([
      [
        'that is too large',
        () => store.append(stream, -1, [newEvent({ data: { text: 'x'.repeat(1_200_000) } })]),
      ],
      ['without a type', () => store.append(stream, -1, [newEvent({ type: '' })])],
      ['to a stream without a name', () => store.append('', -1, [newEvent()])],
    ])('and one %s is refused, not unknown', async (_, append) => {
      expect(await failure(append())).toMatchObject({ name: 'AppendRefusedError' });
    });

    test('and one to a tombstoned stream is refused', async () => {
      const client = await connect(server.url);
      await client.tombstoneStream(stream);
      await client.close();
      expect(await failure(store.append(stream, -1, [newEvent()]))).toMatchObject({
        name: 'AppendRefusedError',
      });
    });
  });

  describe('when the server is frozen', () => {
    test('reports an append as unknown in its own time, whatever the client waits for, and a repeat writes it once', async () => {
      await store.append(stream, -1, [newEvent()]);
      const event = newEvent();
      server.freeze();
      const began = performance.now();
      expect(await failure(store.append(stream, 0, [event]))).toMatchObject({ name: 'UnknownOutcomeError' });
      expect(performance.now() - began).toBeLessThan(6_000); // 1.5 s, on a loaded machine
      server.thaw();
      expect(await insist(0, event)).toBe(1);
      expect(await readAll()).toMatchObject([{ revision: 0 }, { revision: 1, id: event.id }]);
    });

    test('calls the store away in reads, and does not reach it', async () => {
      await store.append(stream, -1, [newEvent()]);
      server.freeze();
      const began = performance.now();
      const [read, isReachable] = await Promise.all([failure(readAll()), store.isReachable()]);
      expect(read).toMatchObject({ name: 'StoreUnavailableError' });
      expect(isReachable).toBe(false);
      expect(performance.now() - began).toBeLessThan(9_000); // 3 s, on a loaded machine
      server.thaw();
      await eventually('it is read', () =>
        readAll().then(
          ({ length }) => length === 1,
          () => false,
        ),
      );
    });

    test('ends a subscription by the keep-alive', async () => {
      const following = store.subscribe({ streamPrefixes: [stream], signal: new AbortController().signal });
      const messages = following[Symbol.asyncIterator]();
      await messages.next(); // a checkpoint, or the message that it has caught up
      server.freeze();
      const end = (async () => {
        for (;;) await messages.next();
      })();
      expect(await failure(end)).toMatchObject({ name: 'StoreUnavailableError' });
    });

    test('closes without waiting for it', async () => {
      const other = open(server.url);
      await other.append(stream, -1, [newEvent()]);
      const following = other.subscribe({ streamPrefixes: [stream], signal: new AbortController().signal });
      const next = following[Symbol.asyncIterator]().next();
      server.freeze();
      const appending = failure(other.append(stream, 0, [newEvent()]));
      const began = performance.now();
      await other.close();
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(await appending).toMatchObject({ name: 'UnknownOutcomeError' });
      await next.catch(() => undefined);
    });
  });

  describe('when the server is killed', () => {
    test('calls an append that is under way unknown, and a repeat writes it once', async () => {
      await store.append(stream, -1, [newEvent()]);
      const event = newEvent();
      server.freeze();
      const appending = failure(store.append(stream, 0, [event]));
      await pause(100); // less than its own time-out, enough to be sent
      await server.kill();
      expect(await appending).toMatchObject({ name: 'UnknownOutcomeError' });
      await server.restart();
      expect(await insist(0, event)).toBe(1);
      expect(await readAll()).toHaveLength(2);
    });

    test('reports the store as unavailable, and nothing of the append is ever written', async () => {
      await store.append(stream, -1, [newEvent()]);
      await server.kill();
      await eventually('it is known to be away', async () => {
        const error = await failure(store.append(stream, 0, [newEvent()]));
        return error.name === 'StoreUnavailableError';
      });
      const unwritten = await failure(store.append(`${stream}-away`, -1, [newEvent()]));
      expect(unwritten.name).toBe('StoreUnavailableError');
      expect(await failure(readAll())).toMatchObject({ name: 'StoreUnavailableError' });
      expect(await store.isReachable()).toBe(false);
      await server.restart();
      await eventually('the same store works again', () => store.isReachable());
      expect(await readAll(store, `${stream}-away`)).toEqual([]);
    });

    test('an answer of another server that comes late does not end the process', async () => {
      const second = await EmbeddedStore.start();
      const other = open(second.url);
      const name = `${stream}-second`;
      try {
        await store.append(stream, -1, [newEvent()]);
        await other.append(name, -1, [newEvent()]);
        server.freeze();
        second.freeze();
        const event = newEvent();
        const both = [
          failure(store.append(stream, 0, [newEvent()])),
          failure(other.append(name, 0, [event])),
        ];
        await pause(100);
        await server.kill();
        for (const error of await Promise.all(both)) expect(error.name).toBe('UnknownOutcomeError');
        second.thaw(); // it answers now, and what waited for it has been rejected
        await eventually(
          'it is written',
          async () => (await readAll(other, name).catch(() => [])).length === 2,
        );
        expect(await other.append(name, 0, [event])).toBe(1);
      } finally {
        await other.close();
        await second.stop();
      }
    });
  });

  describe('keeps only the latest events of a stream', () => {
    test('up to a limit, also of later events', async () => {
      await store.keepLast(stream, 2);
      for (let last = -1; last < 3; last += 1) await store.append(stream, last, [newEvent()]);
      expect((await readAll()).map(({ revision }) => revision)).toEqual([2, 3]);
    });

    test('and does not know whether it will while the store does not answer', async () => {
      server.freeze();
      expect(await failure(store.keepLast(stream, 2))).toMatchObject({ name: 'UnknownOutcomeError' });
    });
  });

  describe('goes along all streams', () => {
    test('in ranges, counting only what is requested, up to the last position', async () => {
      const start = await store.lastPosition();
      await store.append(stream, -1, [newEvent(), newEvent()]);
      await store.append(`other-${stream}`, -1, [newEvent()]);
      await store.append(stream, 1, [newEvent()]);
      const revisions: number[] = [];
      for (let after = start, isEnd = false; !isEnd;) {
        const from = after === undefined ? {} : { after };
        const page = await store.readAll({ streamPrefix: stream, ...from, limit: 2 });
        revisions.push(...page.events.map(({ revision }) => revision));
        ({ position: after, isEnd } = page);
        if (isEnd) expect(after).toBe(await store.lastPosition());
      }
      expect(revisions).toEqual([0, 1, 2]);
    });

    test('and distinguishes a position without an event from a store that is unavailable', async () => {
      await store.append(stream, -1, [newEvent()]);
      const nowhere = String(BigInt((await store.lastPosition())!) - 1n);
      const page = store.readAll({ streamPrefix: stream, after: nowhere, limit: 2 });
      expect(await failure(page)).toMatchObject({ name: 'UnknownPositionError' });
    });

    test('and calls the store away when it is', async () => {
      server.freeze();
      expect(await failure(store.lastPosition())).toMatchObject({ name: 'StoreUnavailableError' });
      const all = store.readAll({ streamPrefix: stream, limit: 2 });
      expect(await failure(all)).toMatchObject({ name: 'StoreUnavailableError' });
    });
  });

  describe('follows', () => {
    /** Follows a prefix from its own checkpoint, through any end. */
    function consumer() {
      const seen: string[] = [];
      const stopping = new AbortController();
      let after: string | undefined;
      let ends = 0;
      let isLive = false;
      const note = (message: SubscriptionMessage): void => {
        if (message.kind === 'event') {
          seen.push(message.event.id);
          after = message.event.position;
        } else if (message.kind === 'checkpoint') after = message.position;
        else isLive = true;
      };
      const done = (async () => {
        while (!stopping.signal.aborted) {
          try {
            const options = { streamPrefixes: [stream], signal: stopping.signal, ...(after && { after }) };
            for await (const message of store.subscribe(options)) note(message);
          } catch {
            ends += 1;
            isLive = false;
            await pause(50);
          }
        }
      })();
      const stop = async (): Promise<void> => {
        stopping.abort();
        await done;
      };
      return { seen, stop, ends: () => ends, isLive: () => isLive };
    }

    test.each<[string, () => Promise<void>]>([
      [
        'kills',
        async () => {
          await server.kill();
          await server.restart();
        },
      ],
      [
        'kills of its database',
        async () => {
          server.killDatabase();
          await server.restart();
        },
      ],
    ])('from its consumer’s checkpoint through %s: each event once and in order', async (_, strike) => {
      const following = consumer();
      const expected: string[] = [];
      for (let round = 0; round < 3; round++) {
        for (let index = 0; index < 40; index++) {
          const event = newEvent();
          await insist(expected.length - 1, event);
          expected.push(event.id);
        }
        // Events that it does not receive: the checkpoints between its own.
        await store
          .append(
            `other-${randomUUID()}`,
            -1,
            Array.from({ length: 400 }, () => newEvent()),
          )
          .catch(() => undefined);
        await strike();
      }
      await eventually('all have come', () => following.seen.length >= expected.length);
      await following.stop();
      expect(following.seen).toEqual(expected);
    });

    test('through a server that is frozen for longer than the keep-alive', async () => {
      const following = consumer();
      const first = newEvent();
      await insist(-1, first);
      await eventually('it is live', () => following.isLive() && following.seen.length === 1);
      server.freeze();
      await eventually('it has ended', () => following.ends() > 0);
      server.thaw();
      const second = newEvent();
      await insist(0, second);
      await eventually('all have come', () => following.seen.length >= 2);
      await following.stop();
      expect(following.seen).toEqual([first.id, second.id]);
    });

    test('and ends without an error when it is stopped', async () => {
      const following = consumer();
      await eventually('it is live', () => following.isLive());
      const began = performance.now();
      await following.stop();
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(following.ends()).toBe(0);
    });
  });

  test('leaves nothing open behind: connections and subscriptions end with it', async () => {
    const before = server.openFiles;
    for (let round = 0; round < 30; round++) {
      const one = open(`${server.url}&connectionName=round${round}`);
      const stopping = new AbortController();
      const following = one.subscribe({ streamPrefixes: [stream], signal: stopping.signal });
      const messages = following[Symbol.asyncIterator]();
      await messages.next();
      await one.append(`${stream}-${round}`, -1, [newEvent()]);
      for await (const event of one.read(`${stream}-${round}`)) expect(event.revision).toBe(0);
      stopping.abort();
      expect((await messages.next()).done).toBe(true);
      await one.close();
    }
    if (before !== undefined)
      await eventually('connections have ended', () => server.openFiles! <= before + 5);
    expect(server.log).not.toMatch(/MaxListenersExceededWarning/);
  });
});
