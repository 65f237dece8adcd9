import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AppendResult } from '@eventstore/db-client';
import pg from 'pg';
import { EmbeddedStore } from '#libs/testing/embedded-store.js';
import { isEmbedded } from '#libs/testing/store-under-test.js';
import { Collector } from './collector.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { frame, messages, paths, rawCall } from './raw-grpc.js';
import {
  eventually,
  failureOf,
  ids,
  newEvent,
  newEvents,
  newStream,
  NO_STREAM,
  recorded,
} from './store-kit.js';

const UNAVAILABLE = 14;

// Only a server started by the suite may be killed and frozen.
const onEmbedded = isEmbedded() ? describe : describe.skip;

onEmbedded(`an outage, as seen through ${clientName}`, () => {
  let server: EmbeddedStore;
  let store: StoreClient;
  beforeAll(async () => {
    server = await EmbeddedStore.start();
    // With the client's default of 10 s + 10 s, a frozen server is noticed just as reliably, only
    // later.
    store = await connect(`${server.url}&keepAliveInterval=2000&keepAliveTimeout=2000`);
  });
  afterEach(async () => {
    server.thaw();
    server.thawDatabase();
    await server.restart();
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  /** Appends repeatedly with the same ids until it is answered. */
  async function insist(append: () => Promise<AppendResult>): Promise<AppendResult> {
    let answer: AppendResult | undefined;
    await eventually('the append is answered', async () => {
      answer = await append().catch(() => undefined);
      return answer !== undefined;
    });
    return answer!;
  }

  test('an append that is under way when the server is killed fails as unavailable', async () => {
    const stream = newStream();
    await store.append(stream, newEvents('A'), NO_STREAM);
    server.freeze(); // it receives the append, and never answers
    const failure = failureOf(store.append(stream, newEvents('B'), 0n));
    await server.kill();
    expect(await failure).toMatchObject({ type: 'unavailable', code: UNAVAILABLE });
  });

  test('an append while the server is away fails with gRPC code 14, whatever its class', async () => {
    await store.append(newStream(), newEvents('A'), NO_STREAM);
    await server.kill();
    for (let attempt = 0; attempt < 3; attempt++) {
      const failure = await failureOf(store.append(newStream(), newEvents('B'), NO_STREAM));
      expect(failure).toMatchObject({ code: UNAVAILABLE });
    }
  });

  test('the same client works again as soon as the server is back', async () => {
    const stream = newStream();
    const [a, b] = newEvents('A', 'B');
    const first = await store.append(stream, [a], NO_STREAM);
    await server.kill();
    await failureOf(store.append(stream, [b], 0n));
    await server.restart();
    await insist(() => store.append(stream, [b], 0n));
    expect(await store.append(stream, [a], NO_STREAM)).toEqual(first);
    expect(ids(await store.readStream(stream))).toEqual([a.id, b.id]);
  });

  test('a subscription ends with an error, and does not resume by itself', async () => {
    const stream = newStream();
    const [a, b] = newEvents('A', 'B');
    await store.append(stream, [a], NO_STREAM);
    const seen = new Collector(store.subscribeToStream(stream));
    await seen.untilCaughtUp();
    await server.kill();
    await seen.untilOver();
    expect(seen.failure).toMatchObject({ type: 'unavailable' });
    await server.restart();
    await insist(() => store.append(stream, [b], 0n));
    const again = new Collector(store.subscribeToStream(stream, 0n));
    await again.untilCount(1);
    expect(again.ids).toEqual([b.id]);
    expect(seen.ids).toEqual([a.id]);
    await again.stop();
  });

  test('of a frozen server ends an append when the keep-alive drops the connection; its repeat is written once', async () => {
    const stream = newStream();
    const [a, b] = newEvents('A', 'B');
    await store.append(stream, [a], NO_STREAM);
    server.freeze();
    const failure = await failureOf(store.append(stream, [b], 0n));
    expect(failure).toMatchObject({ type: 'unavailable', code: UNAVAILABLE });
    server.thaw();
    expect(await insist(() => store.append(stream, [b], 0n))).toMatchObject({ nextExpectedRevision: 1n });
    expect(ids(await store.readStream(stream))).toEqual([a.id, b.id]);
  });

  test('of a frozen server ends a subscription, and from its checkpoint on nothing is lost', async () => {
    const stream = newStream();
    const [a, b] = newEvents('A', 'B');
    await store.append(stream, [a], NO_STREAM);
    const seen = new Collector(store.subscribeToStream(stream));
    await seen.untilCaughtUp();
    server.freeze();
    await seen.untilOver();
    server.thaw();
    await insist(() => store.append(stream, [b], 0n));
    const again = new Collector(store.subscribeToStream(stream, 0n));
    await again.untilCount(1);
    expect([...seen.ids, ...again.ids]).toEqual([a.id, b.id]);
    await again.stop();
  });

  test.each([
    ['is killed', () => server.killDatabase(), () => undefined],
    ['is frozen', () => server.freezeDatabase(), () => server.thawDatabase()],
  ])(
    'of the database that %s leaves appends unanswered or unavailable, and each is written once',
    async (_, begin, end) => {
      const streams = Array.from({ length: 16 }, () => newStream());
      const events = streams.map((name) => newEvent(name));
      await store.append(newStream(), newEvents('before'), NO_STREAM);
      begin();
      const first = streams.map((stream, index) => store.append(stream, [events[index]!], NO_STREAM));
      const settled = Promise.allSettled(first);
      // The fault must occur while they are in progress. Its duration does not matter.
      await Promise.race([settled, pause(1_500)]);
      end();
      for (const answer of await settled) {
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: UNAVAILABLE });
      }
      await Promise.all(
        streams.map((stream, index) => insist(() => store.append(stream, [events[index]!], NO_STREAM))),
      );
      for (const [index, stream] of streams.entries()) {
        expect(ids(await store.readStream(stream))).toEqual([events[index]!.id]);
      }
    },
  );

  test('is not declared when the database refuses one write: that one fails, and those next to it are written', async () => {
    await inDatabase(`
      create function refuse() returns trigger language plpgsql as $$ begin
        if new.type = 'Refused' then raise exception 'no such data' using errcode = '22023'; end if;
        return new;
      end $$;
      create trigger refuse before insert on event_store.events for each row execute function refuse()`);
    const logged = server.log.length;
    const types = Array.from({ length: 40 }, (_, index) => (index % 20 === 7 ? 'Refused' : 'Taken'));
    const answers = await Promise.allSettled(
      types.map((type) => store.append(newStream(), [newEvent('one', { type })], NO_STREAM)),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      types.map((type) => (type === 'Taken' ? 'fulfilled' : 'rejected')),
    );
    expect(await failureOf(store.append(newStream(), [newEvent('one', { type: 'Refused' })]))).toMatchObject({
      message: expect.stringContaining('no such data'),
    });
    await inDatabase('drop trigger refuse on event_store.events; drop function refuse');
    expect(server.log.slice(logged)).not.toMatch(/the database is unavailable/);
  });

  test('does not let an append be written after its deadline', async () => {
    const [stream, correlation] = [newStream(), randomUUID()];
    await store.append(newStream(), newEvents('before'), NO_STREAM);
    server.freezeDatabase();
    // The writer waits with it.
    const held = store.append(newStream(), newEvents('held'), NO_STREAM);
    await pause(100);
    const deadline = Math.ceil(Date.now() / 1_000) + 1;
    const body = [
      messages.batchOptions(stream, correlation, deadline),
      messages.batchEvent(Buffer.from('{}'), correlation),
      messages.batchEnd(correlation),
    ];
    const answer = rawCall(server.port, paths.batchAppend, Buffer.concat(body.map((part) => frame(part))));
    await pause(deadline * 1_000 - Date.now() + 100);
    server.thawDatabase();
    expect((await answer).body.includes('event_store.client.Timeout')).toBe(true);
    await held;
    expect(await failureOf(store.readStream(stream))).toMatchObject({ type: 'stream-not-found' });
  });

  async function inDatabase(sql: string): Promise<void> {
    const database = new pg.Client(server.databaseUrl);
    await database.connect();
    await database.query(sql);
    await database.end();
  }

  test.each([
    ['in good order', () => server.shutDown()],
    ['by a kill', () => server.kill()],
  ])('that ends the server %s changes nothing that was acknowledged', async (_, end) => {
    const [stream, deleted, tombstoned] = [newStream(), newStream(), newStream()];
    const events = Array.from({ length: 700 }, (__, index) => newEvent(`event ${index}`));
    await store.append(stream, events, NO_STREAM);
    await store.setMetadata(stream, { maxCount: 650 });
    await store.append(deleted, newEvents('A', 'B'), NO_STREAM);
    await store.deleteStream(deleted);
    await store.append(tombstoned, newEvents('A'), NO_STREAM);
    await store.tombstoneStream(tombstoned);
    const before = recorded(await store.readStream(stream));
    await end();
    await server.restart();
    await eventually('it is read', () =>
      store.readStream(stream).then(
        () => true,
        () => false,
      ),
    );
    expect(recorded(await store.readStream(stream))).toEqual(before);
    expect(before).toHaveLength(650);
    expect(await failureOf(store.readStream(tombstoned))).toMatchObject({ type: 'stream-deleted' });
    const again = await store.append(deleted, newEvents('C'), NO_STREAM);
    expect(again).toMatchObject({ nextExpectedRevision: 2n });
    expect(again.position!.commit).toBeGreaterThan(before.at(-1)!.position!.commit);
  });
});
