import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { passOn } from './pass-on.js';

const logger = pino({ level: 'silent' });

let service: Server;
let front: FastifyInstance;
let address: string;
/** The service's side of the forwarded feed. */
let feed: Promise<ServerResponse>;

beforeEach(async () => {
  let open: (response: ServerResponse) => void;
  feed = new Promise((resolve) => (open = resolve));
  service = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(': hello\n\n');
    open(response);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  front = fastify({ forceCloseConnections: 'idle' });
  await passOn(front, { name: 'feeding', url, prefixes: ['/v1/things'] }, logger);
  address = await front.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  await front.close();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

const listen = (): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => get(`${address}/v1/things/events`, resolve).once('error', reject));

const next = (from: IncomingMessage): Promise<string> =>
  new Promise((resolve) => from.once('data', (chunk: Buffer) => resolve(chunk.toString())));

describe('a feed through the front server', () => {
  it('comes piece by piece, each as it is sent', async () => {
    const heard = await listen();
    expect(await next(heard)).toBe(': hello\n\n');
    for (const piece of ['id: 1\n\n', 'id: 2\n\n']) {
      const coming = next(heard);
      (await feed).write(piece);
      expect(await coming).toBe(piece);
    }
    expect(heard.headers['content-type']).toContain('text/event-stream');
    heard.destroy();
  });

  it('ends at the service when its listener has gone', async () => {
    const heard = await listen();
    const ended = new Promise((resolve) => void feed.then((side) => side.once('close', resolve)));
    heard.destroy();
    await ended;
  });

  it('ends cleanly when the front server stops, which does not wait for it', async () => {
    const heard = await listen();
    heard.resume();
    const ended = new Promise((resolve) => heard.once('end', () => resolve(heard.complete)));
    await front.close();
    expect(await ended).toBe(true);
  });
});
