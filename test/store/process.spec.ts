import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Credentials } from '@eventstore/db-client';
import pg from 'pg';
import { freePorts } from '#tools/dev-stack/port.js';
import { EmbeddedStore } from '#libs/testing/embedded-store.js';
import { isEmbedded } from '#libs/testing/store-under-test.js';
import { Collector } from './collector.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { frame, rawCall } from './raw-grpc.js';
import { eventually, failureOf, ids, newEvents, newStream, NO_STREAM } from './store-kit.js';

const CANCELLED = 1;
const UNAVAILABLE = 14;

// Starting and ending do not depend on the client.
const onceEmbedded = isEmbedded() && clientName === '@eventstore/db-client' ? describe : describe.skip;

onceEmbedded('the embedded server as a process', () => {
  let server: EmbeddedStore;
  let store: StoreClient;
  beforeAll(async () => {
    server = await EmbeddedStore.start();
    store = await connect(server.url);
  });
  afterEach(async () => {
    server.thawDatabase();
    await server.restart();
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  async function expectServing(through: StoreClient = store): Promise<void> {
    const stream = newStream();
    const [a] = newEvents('A');
    await through.append(stream, [a], NO_STREAM);
    expect(ids(await through.readStream(stream))).toEqual([a.id]);
  }

  /** It ends with the database. */
  async function databaseClient(): Promise<pg.Client> {
    const client = new pg.Client(server.databaseUrl);
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Runs another one until it ends by itself. */
  async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, ['dist/tools/event-store/main.js', ...args]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += String(part)));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  describe('is the only one on its data', () => {
    test.each<[string, () => string[], RegExp]>([
      ['folder', () => ['--data', server.folder], /another event store server is using the data in/],
      [
        'database',
        () => ['--database', server.databaseUrl],
        /another event store server is using this database/,
      ],
    ])('a second one on its %s is refused in one line, and the first continues', async (_, data, refusal) => {
      const [port] = await freePorts(1);
      const { code, output } = await run('--port', String(port), ...data());
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(refusal) });
      expect(output.trim().split('\n')).toHaveLength(1);
      await expectServing();
    });
  });

  test('ends when another has taken its database while it had lost it', async () => {
    const [other, killer] = [await databaseClient(), await databaseClient()];
    const { rows } = await other.query<{ pid: number; key: number; part: number }>(
      `select pid, classid::bigint as key, objid::bigint as part from pg_locks where locktype = 'advisory'`,
    );
    const [{ pid, key, part }] = rows as [{ pid: number; key: number; part: number }];
    // It is the next in line.
    const taken = other.query('select pg_advisory_lock($1::int, $2::int)', [key, part]);
    await killer.query('select pg_terminate_backend($1)', [pid]);
    await taken;
    await eventually('it ends', () => server.pid === 0);
    expect(server.log).toMatch(/another event store server is using this database/);
    await server.restart();
    await expectServing();
  });

  test('does not start on a database that cannot keep all text', async () => {
    const admin = await databaseClient();
    await admin.query(`create database ascii encoding 'SQL_ASCII' locale 'C' template template0`);
    await admin.end();
    const [port] = await freePorts(1);
    const url = server.databaseUrl.replace(/perdure$/, 'ascii');
    const { code, output } = await run('--port', String(port), '--database', url);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/server_encoding is SQL_ASCII/),
    });
  });

  test.each<[string, string[], RegExp]>([
    [
      'an address that others could reach',
      ['--host', '0.0.0.0', '--data', 'none'],
      /to loopback addresses only/,
    ],
    [
      'a name that others could reach',
      ['--host', 'example.org', '--data', 'none'],
      /to loopback addresses only/,
    ],
    ['no place for its data', [], /--data DIR or --database URL/],
    ['a database that is not there', ['--database', 'postgres://127.0.0.1:1/none'], /is unusable/],
    ['no port', ['--port', 'none'], /not a port/],
  ])('does not start with %s, and reports that in one line', async (_, args, refusal) => {
    const [port] = await freePorts(1);
    const { code, output } = await run('--port', String(port), ...args);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(refusal) });
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  test('cannot be reached but by loopback', async () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((ofOne) => ofOne ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of addresses) {
      await expect(fetch(`http://${address}:${server.port}/ping`)).rejects.toThrow();
    }
  });

  test('announces the line 23.10, in its features and at /stats', async () => {
    const path = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';
    const { body } = await rawCall(server.port, path, frame(Buffer.alloc(0)));
    expect(body.toString('latin1')).toMatch(/23\.10\.\d/);
    expect((await server.stats()).version).toMatch(/^23\.10\.\d/);
  });

  test('is found by gossip: a cluster of one', async () => {
    const discovering = await connect(server.url.replace('esdb:', 'esdb+discover:'));
    await expectServing(discovering);
    await discovering.close();
  });

  test('shows the position of the last event at /stats', async () => {
    const before = BigInt((await server.stats()).lastPosition);
    const { position } = await store.append(newStream(), newEvents('A', 'B'), NO_STREAM);
    const after = BigInt((await server.stats()).lastPosition);
    expect(after).toBe(position!.commit);
    expect(after).toBeGreaterThan(before);
  });

  test('is not live while its database is away, and is again when it is back', async () => {
    const health = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${server.port}/health/live`)).status;
    expect(await health()).toBe(204);
    server.killDatabase();
    await eventually('it says so', async () => (await health()) === 503);
    await eventually('it is live again', async () => (await health()) === 204);
  });

  describe('on shutdown', () => {
    test('ends with code 0, notifies its subscribers, and restarts with its data', async () => {
      const stream = newStream();
      const [a] = newEvents('A');
      await store.append(stream, [a], NO_STREAM);
      const seen = new Collector(store.subscribeToStream(stream));
      await seen.untilCaughtUp();
      expect(await server.shutDown()).toBe(0);
      await seen.untilOver();
      expect(seen.failure).toMatchObject({ code: UNAVAILABLE });
      await server.restart();
      await eventually('the client finds it again', () =>
        store.readStream(stream).then(
          () => true,
          () => false,
        ),
      );
      expect(ids(await store.readStream(stream))).toEqual([a.id]);
    });

    test('ends appends that are under way as the real one does: whether they were written is unknown', async () => {
      const append = (credentials?: Credentials) =>
        failureOf(store.append(newStream(), newEvents('A'), NO_STREAM, credentials));
      await expectServing();
      server.freezeDatabase();
      const failures = Promise.all([append(), append({ username: 'admin', password: 'changeit' })]);
      // The second append uses a separate call.
      await pause(200);
      const ended = server.shutDown();
      const [shared, single] = await failures;
      server.thawDatabase();
      expect(await ended).toBe(0);
      expect(shared).toMatchObject({ code: CANCELLED });
      expect(single).toMatchObject({ code: UNAVAILABLE });
    });
  });
});
