import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { passOn } from './pass-on.js';

const logger = pino({ level: 'silent' });

/** A service that does not answer until it is told to. */
let service: Server;
let speak: () => void;
/** The requests it received. */
let asked: string[];
let front: FastifyInstance;

beforeEach(async () => {
  const told = new Promise<void>((resolve) => (speak = resolve));
  asked = [];
  service = createServer(({ url = '' }, response) => {
    asked.push(url);
    void told.then(() => response.end('{}'));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  front = fastify();
  const prefixes = ['/v1/things', '/v1/operations/thing'];
  await passOn(front, { name: 'thing', url, prefixes }, logger, { requests: 1_000, operations: 600_000 });
});
afterEach(async () => {
  await front.close();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

describe('an address', () => {
  it.each([
    '/v1/things/a..b',
    '/v1/things/..t/open',
    '/v1/things/t../open',
    '/v1/things/...',
    '/v1/things/a:b',
    '/v1/things/:b?owner=a/../b',
    '/v1/things/%3A%40..~/commands/a%2Fb',
    '/v1/things?owner=..',
  ])('%s is passed on as it is', async (path) => {
    speak();
    const reply = await front.inject(path);
    expect(reply.statusCode).toBe(200);
    expect(asked).toEqual([path]);
  });

  // As one segment: `inject` itself resolves segments that are only dots.
  it.each(['/v1/things/..%2Fother', '/v1/things/t%2F..%2F..%2Fother', '/v1/things/..%5Cother'])(
    '%s leads nowhere',
    async (path) => {
      speak();
      expect((await front.inject(path)).statusCode).toBeGreaterThanOrEqual(400);
      expect(asked).toEqual([]);
    },
  );
});

describe('a collection with a slash', () => {
  it('is passed on to its own service, and everything else below to the one that lists all', async () => {
    const answering = fastify();
    const named = (name: string) => {
      const server = fastify();
      server.get('*', () => name);
      return server.listen({ port: 0, host: '127.0.0.1' }).then((url) => ({ server, url }));
    };
    const [all, own] = await Promise.all([named('all'), named('own')]);
    await passOn(answering, { name: 'all', url: all.url, prefixes: ['/v1/flows/a', '/v1/flows'] }, logger);
    await passOn(answering, { name: 'own', url: own.url, prefixes: ['/v1/flows/b-c'] }, logger);
    const paths = [
      '/v1/flows',
      '/v1/flows?type=b',
      '/v1/flows/a/x',
      '/v1/flows/b-c',
      '/v1/flows/b-c/x/start',
    ];
    const replies = await Promise.all(paths.map((path) => answering.inject(path)));
    expect(replies.map(({ body }) => body)).toEqual(['all', 'all', 'all', 'own', 'own']);
    await Promise.all([answering, all.server, own.server].map((server) => server.close()));
  });
});

describe('a service that takes its time', () => {
  it('gets it on operator routes, where any other request is answered 503', async () => {
    const operation = front.inject('/v1/operations/thing/views/v/rebuild/diff');
    const request = await front.inject('/v1/things/t');
    expect(request.statusCode).toBe(503);
    expect(request.json()).toMatchObject({
      code: 'ENGINE.UNAVAILABLE',
      detail: 'thing service does not answer',
    });
    speak();
    expect((await operation).statusCode).toBe(200);
  });
});
