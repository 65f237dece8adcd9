import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EmbeddedStore } from '#libs/testing/embedded-store.js';
import { isEmbedded } from '#libs/testing/store-under-test.js';
import { Collector } from './collector.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { frame, rawCall } from './raw-grpc.js';
import { BACKWARDS, END, eventually, failureOf, newEvents, NO_STREAM, recorded } from './store-kit.js';

const UNIMPLEMENTED = 12;
const SENTENCE = /\w+ \w+ \w+ \w+/;

/**
 * The newer client reads through native code, which replaces the server's explanation with its own.
 */
const told = (instead: RegExp): object =>
  clientName === '@eventstore/db-client'
    ? { code: UNIMPLEMENTED, message: expect.stringMatching(instead) }
    : { message: expect.stringMatching(new RegExp(`${instead.source}|unsupported by the server`)) };

const onEmbedded = isEmbedded() ? describe : describe.skip;
// Raw calls do not depend on the client.
const byHand = clientName === '@eventstore/db-client' ? test : test.skip;

onEmbedded(`what the embedded server does not support, with ${clientName}`, () => {
  let server: EmbeddedStore;
  let store: StoreClient;
  beforeAll(async () => {
    server = await EmbeddedStore.start();
    store = await connect(server.url);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  byHand('answers each call of the services as unimplemented, with a sentence', async () => {
    const { LEFT_OUT_SERVICES } = await import('#tools/event-store/left-out-services.js');
    const calls = LEFT_OUT_SERVICES.flatMap((service) => Object.values(service));
    expect(calls.length).toBeGreaterThan(30);
    for (const { path } of calls) {
      const { grpcStatus, grpcMessage } = await rawCall(server.port, path, frame(Buffer.alloc(0)));
      expect({ path, grpcStatus, grpcMessage }).toEqual({
        path,
        grpcStatus: UNIMPLEMENTED,
        grpcMessage: expect.stringMatching(SENTENCE),
      });
    }
  });

  test.each([
    ['$ce-account', /filter by stream name/],
    ['$category-account', /filter by stream name/],
    ['$et-Happened', /filter by event type/],
    ['$et', /filter by event type/],
    ['$bc-4711', /\$all/],
    ['$streams', /\$all/],
  ])('answers %s, which a projection would fill, so too: read, or subscribed to', async (stream, instead) => {
    const refusal = told(instead);
    expect(await failureOf(store.readStream(stream))).toMatchObject(refusal);
    const backwards = store.readStream(stream, { direction: BACKWARDS, from: END });
    expect(await failureOf(backwards)).toMatchObject(refusal);
    const seen = new Collector(store.subscribeToStream(stream));
    await seen.untilOver();
    expect(seen.failure).toMatchObject(refusal);
  });

  test('leaves a stream with such a name alone when somebody writes to it', async () => {
    await store.append('$ce-mine', newEvents('A'), NO_STREAM);
    expect(recorded(await store.readStream('$ce-mine'))).toHaveLength(1);
  });

  byHand.each(['/streams/account-1', '/web/index.html', '/', '/projections/any'])(
    'answers %s over HTTP with 501 and an alternative',
    async (path) => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
      expect(response.status).toBe(501);
      expect(await response.text()).toMatch(/gRPC.*\/stats/);
    },
  );

  byHand('answers a path that no server has with 404', async () => {
    expect((await fetch(`http://127.0.0.1:${server.port}/asdf`, { method: 'POST' })).status).toBe(404);
  });

  byHand('ends a connection that asks for TLS, and says why', async () => {
    const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
    await Promise.race([once(socket, 'error'), once(socket, 'close')]).catch(() => undefined);
    await eventually('it is said', () => server.log.includes('tls=false'));
  });
});
