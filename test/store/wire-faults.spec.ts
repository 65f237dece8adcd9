import { randomUUID } from 'node:crypto';
import type { EventData, Filter } from '@eventstore/db-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { EmbeddedStore } from '#libs/testing/embedded-store.js';
import { isEmbedded } from '#libs/testing/store-under-test.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';
import { Collector } from './collector.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { frame, idleSockets, messages, openCall, openSession, paths, rawBytes, rawCall } from './raw-grpc.js';
import { eventually, failureOf, ids, newEvent, newEvents, newStream, NO_STREAM } from './store-kit.js';

const MIB = 1_048_576;
const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;
const OCTETS = 'application/octet-stream';
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

// These calls do not depend on the client: once is enough.
const once = isEmbedded() && clientName === '@eventstore/db-client' ? describe : describe.skip;

once('the embedded server, given what no client would send,', () => {
  let server: EmbeddedStore;
  let store: StoreClient;
  let pid: number;
  beforeAll(async () => {
    server = await EmbeddedStore.start();
    store = await connect(server.url);
    pid = server.pid;
    await store.append(newStream(), newEvents('A'), NO_STREAM);
  });
  afterEach(async () => {
    expect(server.pid).toBe(pid);
    // Others, on their existing connection and on a new one, are served as before.
    const stream = newStream();
    const [a] = newEvents('A');
    await store.append(stream, [a], NO_STREAM);
    const other = await connect(server.url);
    expect(ids(await other.readStream(stream))).toEqual([a.id]);
    await other.close();
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  const valid = (stream: string): Buffer =>
    Buffer.concat([frame(messages.appendOptions(stream)), frame(messages.appendEvent(Buffer.from('{}')))]);

  test('takes a call made by hand, so that the refusals below mean something', async () => {
    const stream = newStream();
    expect(await rawCall(server.port, paths.append, valid(stream))).toMatchObject({ grpcStatus: 0 });
    expect(await store.readStream(stream)).toHaveLength(1);
    const read = await rawCall(server.port, paths.read, frame(messages.read(stream)));
    expect(read).toMatchObject({ grpcStatus: 0 });
    expect(read.body.includes('Raw')).toBe(true);
  });

  const options = messages.appendOptions('broken');
  const message = messages.appendEvent(Buffer.from('{}'));
  test.each<[string, string, Buffer]>([
    ['nothing at all', paths.append, Buffer.alloc(0)],
    ['half a frame head', paths.append, Buffer.from([0, 0, 0])],
    ['a frame shorter than it says', paths.append, frame(options, { length: options.length + 100 })],
    ['a frame of 4 GiB, as it says', paths.append, frame(options, { length: 0xff_ff_ff_ff })],
    ['no protobuf', paths.append, frame(Buffer.from('{"stream":"a"}'))],
    ['protobuf that ends too early', paths.append, frame(options.subarray(0, -3))],
    ['an event before the options', paths.append, frame(message)],
    [
      'an event whose id is no UUID',
      paths.append,
      Buffer.concat([frame(options), frame(messages.appendEvent(Buffer.from('{}'), 'one'))]),
    ],
    [
      'options a second time',
      paths.append,
      Buffer.concat([frame(options), frame(message), frame(options), frame(message)]),
    ],
    [
      'an event, then a message that holds nothing',
      paths.append,
      Buffer.concat([frame(options), frame(message), frame(Buffer.alloc(0))]),
    ],
    [
      'a name that is no UTF-8',
      paths.append,
      Buffer.concat([frame(messages.appendOptions(Buffer.from([0x61, 0xff]))), frame(message)]),
    ],
    ['a read without options', paths.read, frame(Buffer.alloc(0))],
    ['a read that is no protobuf', paths.read, frame(Buffer.alloc(64, 0xff))],
    ['a deletion without options', paths.delete, frame(Buffer.alloc(0))],
    ['a batch that is no protobuf', paths.batchAppend, frame(Buffer.alloc(64, 0xff))],
  ])('refuses %s', async (_, path, body) => {
    const { grpcStatus } = await rawCall(server.port, path, body);
    expect(grpcStatus).not.toBe(0);
  });

  test.each(['/event_store.client.streams.Streams/Nothing', '/no.such.Service/Read', '/', '/../../etc'])(
    'answers a call to %s as unimplemented',
    async (path) => {
      expect(await rawCall(server.port, path, frame(options))).toMatchObject({ grpcStatus: UNIMPLEMENTED });
    },
  );

  test('lets a client send a megabyte before it has to wait for the server', async () => {
    const session = openSession(server.port);
    await eventually('the window is announced', () => session.remoteSettings?.initialWindowSize === MIB);
    await eventually('that of the connection too', () => session.state.remoteWindowSize === MIB);
    session.destroy();
  });

  test('refuses a call that is no gRPC', async () => {
    const answer = await rawCall(server.port, paths.append, Buffer.from('{}'), {
      'content-type': 'application/json',
    });
    expect(answer.httpStatus).toBe(415);
  });

  test.each<[string, Buffer]>([
    ['bytes without meaning', Buffer.alloc(100_000, 0xa5)],
    ['half a preface', PREFACE.subarray(0, 10)],
    ['a preface, then bytes without meaning', Buffer.concat([PREFACE, Buffer.alloc(100_000, 0xa5)])],
    [
      'a frame larger than HTTP/2 allows',
      Buffer.concat([PREFACE, SETTINGS, Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])]),
    ],
    [
      'data for a stream that was never opened',
      Buffer.concat([PREFACE, SETTINGS, Buffer.from([0, 0, 1, 0, 0, 0, 0, 0, 9, 1])]),
    ],
    ['HTTP/1 that never ends', Buffer.from('GET /stats HTTP/1.1\r\nhost: a\r\n')],
    ['HTTP/1 with a head of 1 MB', Buffer.from(`GET /stats HTTP/1.1\r\nx: ${'x'.repeat(MIB)}\r\n\r\n`)],
  ])('survives a connection with %s', async (_, bytes) => {
    await rawBytes(server.port, bytes);
  });

  test('survives 500 calls with bytes changed at random', async () => {
    const random = seededRandom(printedSeed());
    const correlation = randomUUID();
    const stream = newStream();
    const seeds: [string, Buffer][] = [
      [paths.append, valid(stream)],
      [paths.read, frame(messages.read(stream))],
      [paths.batchAppend, frame(messages.batchOptions(stream, correlation))],
      [paths.batchAppend, frame(messages.batchEvent(Buffer.from('{}'), correlation))],
    ];
    const session = openSession(server.port);
    for (let round = 0; round < 500; round++) {
      const [path, template] = seeds[round % seeds.length]!;
      const body = Buffer.from(template);
      for (let change = 0; change <= random() * 4; change++) {
        // After the frame's header: a false length is another test.
        body[5 + Math.floor(random() * (body.length - 5))] = Math.floor(random() * 256);
      }
      const { call, ended } = openCall(session, path);
      // A read may have become a subscription, which does not end.
      call.setTimeout(500, () => call.close());
      call.end(body);
      await ended;
    }
    session.destroy();
  });

  test('refuses to write metadata of metadata, and to delete metadata by themselves', async () => {
    const stream = newStream();
    await store.append(stream, newEvents('A'), NO_STREAM);
    await store.setMetadata(stream, { maxCount: 7 });
    const metadataStream = `$$${stream}`;
    const failures = [
      await failureOf(store.setMetadata(metadataStream, { maxCount: 1 })),
      await failureOf(store.deleteStream(metadataStream)),
      await failureOf(store.tombstoneStream(metadataStream)),
    ];
    expect(failures.map(({ message }) => message)).toEqual([
      expect.stringContaining('a metadata stream has no metadata'),
      expect.stringContaining('a metadata stream cannot be deleted'),
      expect.stringContaining('a metadata stream cannot be deleted'),
    ]);
    expect(await store.getMetadata(stream)).toEqual({ maxCount: 7 });
  });

  test('refuses a name with a character NUL, in filters too', async () => {
    const { message } = await failureOf(store.append('a\0b', newEvents('A'), NO_STREAM));
    expect(message).toContain('must not contain a NUL character');
    const filter = { filterOn: 'streamName', checkpointInterval: 1, prefixes: ['a\0b'] } as Filter;
    const seen = new Collector(store.subscribeToAll({ filter }));
    await seen.untilOver();
    expect(seen.failure).toMatchObject({ code: INVALID_ARGUMENT });
  });

  test('answers a batched append to a stream that has ended, whatever its bytes', async () => {
    const stream = newStream();
    await store.append(stream, newEvents('A'), NO_STREAM);
    await store.tombstoneStream(stream);
    const correlation = randomUUID();
    const parts = [
      messages.batchOptions(stream, correlation),
      messages.batchEvent(Buffer.from('{}'), correlation),
      messages.batchEnd(correlation),
    ];
    const { body } = await rawCall(
      server.port,
      paths.batchAppend,
      Buffer.concat(parts.map((part) => frame(part))),
    );
    expect(body.includes('event_store.client.StreamDeleted')).toBe(true);
    expect(body.includes(stream)).toBe(true);
  });

  test('gives links that no event can be behind without one', async () => {
    const links = newStream('links');
    const targets = ['9999999999999999999@beyond', `${2n ** 63n - 1n}@${links}`];
    const events = targets.map((data) =>
      newEvent('link', { type: '$>', contentType: OCTETS, data: Buffer.from(data) }),
    );
    await store.append(links, events, NO_STREAM);
    const read = await store.readStream(links, { resolveLinks: true });
    expect(read.map(({ event, link }) => [event, link?.revision])).toEqual([
      [undefined, 0n],
      [undefined, 1n],
    ]);
  });

  test('lets a subscription from the highest revision wait', async () => {
    const stream = newStream();
    await store.append(stream, newEvents('A'), NO_STREAM);
    const seen = new Collector(store.subscribeToStream(stream, 2n ** 63n - 1n));
    await seen.untilCaughtUp();
    await store.append(stream, newEvents('B'), 0n);
    expect(seen.ids).toEqual([]);
    await seen.stop();
  });

  test('ends a slow read of a stream with its tombstone, and does not show that', async () => {
    const stream = newStream();
    const large = (): EventData[] =>
      Array.from({ length: 100 }, () => newEvent('large', { data: { text: 'x'.repeat(10_000) } }));
    for (let batch = 0; batch < 30; batch++) await store.append(stream, large());
    const read: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const { event } of store.client.readStream(stream)) {
        if (read.length === 0) await store.tombstoneStream(stream);
        read.push(event?.type);
      }
    })();
    expect(await failureOf(reading)).toMatchObject({ type: 'stream-deleted' });
    expect(new Set(read)).toEqual(new Set(['Happened']));
  });

  describe('when it is too much,', () => {
    test('refuses a message of 20 MB', async () => {
      const end = await rawCall(
        server.port,
        paths.append,
        frame(messages.appendEvent(Buffer.alloc(20 * MIB))),
      );
      expect(end.grpcStatus).not.toBe(0);
    });

    test('ends an append that never ends as soon as it is too large', async () => {
      const stream = newStream();
      const session = openSession(server.port);
      const { call, ended } = openCall(session, paths.append);
      call.write(frame(messages.appendOptions(stream)));
      let sent = 0;
      while (!call.closed && sent < 200 * MIB) {
        sent += MIB / 8;
        const hasRoom = call.write(frame(messages.appendEvent(Buffer.alloc(MIB / 8))));
        if (!hasRoom) await Promise.race([ended, new Promise((resolve) => call.once('drain', resolve))]);
      }
      const { grpcStatus } = await ended;
      session.destroy();
      expect(grpcStatus).not.toBe(0);
      expect(sent).toBeLessThan(50 * MIB);
      expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
    });

    test('gives back the memory of large messages', async () => {
      const before = (await server.stats()).residentBytes;
      for (let round = 0; round < 10; round++) {
        await Promise.all(
          Array.from({ length: 4 }, () =>
            rawCall(server.port, paths.append, frame(messages.appendEvent(Buffer.alloc(16 * MIB)))),
          ),
        );
      }
      await eventually(
        'most of 640 MB is given back',
        async () => (await server.stats()).residentBytes < before + 300 * MIB,
      );
    });

    test('serves others during 1,000 idle connections, and drops them when they end', async () => {
      const before = server.openFiles;
      const sockets = await idleSockets(server.port, 500);
      const sessions = Array.from({ length: 500 }, () => openSession(server.port));
      await Promise.all(
        sessions.map((session) => new Promise((resolve) => session.once('remoteSettings', resolve))),
      );
      const stream = newStream();
      for (let round = 0; round < 20; round++) await store.append(stream, newEvents('A', 'B'));
      const other = await connect(server.url);
      expect(await other.readStream(stream)).toHaveLength(40);
      await other.close();
      for (const socket of sockets) socket.destroy();
      for (const session of sessions) session.destroy();
      if (before === undefined) return;
      await eventually('the connections are gone', () => server.openFiles! <= before + 10);
    });
  });

  describe('when a client vanishes', () => {
    test.each<[string, string, (stream: string) => Buffer[]]>([
      [
        'in the middle of an append',
        paths.append,
        (stream) => [messages.appendOptions(stream), messages.appendEvent(Buffer.from('{}'))],
      ],
      [
        'in the middle of a batch',
        paths.batchAppend,
        (stream) => {
          const correlation = randomUUID();
          return [
            messages.batchOptions(stream, correlation),
            messages.batchEvent(Buffer.from('{}'), correlation),
          ];
        },
      ],
    ])('%s, nothing of it is written and nothing of it is left', async (_, path, parts) => {
      const before = server.openFiles;
      const streams = Array.from({ length: 200 }, () => newStream());
      for (const stream of streams) {
        const session = openSession(server.port);
        const { call, ended } = openCall(session, path);
        for (const part of parts(stream)) await new Promise((resolve) => call.write(frame(part), resolve));
        session.destroy();
        await ended;
      }
      if (before !== undefined)
        await eventually('the connections are gone', () => server.openFiles! <= before + 10);
      for (const stream of streams) {
        expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
      }
    });

    test('before the answer to its append, all of it is written or nothing', async () => {
      const streams = Array.from({ length: 100 }, () => newStream());
      for (const stream of streams) {
        const session = openSession(server.port);
        const { call, ended } = openCall(session, paths.append);
        const events = Array.from({ length: 5 }, () => frame(messages.appendEvent(Buffer.from('{}'))));
        await new Promise<void>((resolve) => {
          call.end(Buffer.concat([frame(messages.appendOptions(stream)), ...events]), () => resolve());
        });
        session.destroy();
        await ended;
      }
      const counts = await Promise.all(
        streams.map((stream) =>
          store.readStream(stream).then(
            (read) => read.length,
            () => 0,
          ),
        ),
      );
      expect(counts.filter((count) => count !== 0 && count !== 5)).toEqual([]);
    });

    test('while it is subscribed, nothing of it is left', async () => {
      const before = server.openFiles;
      const stream = newStream();
      for (let round = 0; round < 100; round++) {
        const session = openSession(server.port);
        const { call, ended } = openCall(session, paths.read);
        await new Promise((resolve) => {
          call.once('data', resolve); // the confirmation
          call.end(frame(messages.subscribe(stream)));
        });
        session.destroy();
        await ended;
      }
      await store.append(stream, newEvents('A'), NO_STREAM);
      if (before !== undefined)
        await eventually('the connections are gone', () => server.openFiles! <= before + 10);
      expect(server.log).not.toMatch(/MaxListenersExceededWarning|uncaught/i);
    });
  });
});
