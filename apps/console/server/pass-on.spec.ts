import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { passOn } from './pass-on.js';

const logger = pino({ level: 'silent' });

/** A service that says nothing before it is told to. */
let service: Server;
let speak: () => void;
let front: FastifyInstance;

beforeEach(async () => {
  const told = new Promise<void>((resolve) => (speak = resolve));
  service = createServer((_, response) => void told.then(() => response.end('{}')));
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  front = fastify();
  const prefixes = ['/v1/things', '/v1/operations/thing'];
  await passOn(front, { name: 'thing', url, prefixes }, logger, { requests: 50, operations: 600_000 });
});
afterEach(async () => {
  await front.close();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

describe('a service that takes its time', () => {
  it('is given it by what operators ask, where any other request is answered 503', async () => {
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
