import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { register } from 'prom-client';
import { limitSlowReaders } from './slow-readers.js';

const LIMIT_MILLISECONDS = 500;
/** More than the buffers between two sockets hold. */
const LARGE = 'x'.repeat(20_000_000);

let server: FastifyInstance;
let port: number;
beforeEach(async () => {
  server = fastify();
  limitSlowReaders(server, LIMIT_MILLISECONDS);
  server.get('/large', () => Promise.resolve(LARGE));
  server.get('/late', () => pause(2 * LIMIT_MILLISECONDS, 'late'));
  await server.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = server.server.address() as AddressInfo);
});
afterEach(() => server.close());

const stalled = async () => {
  const { values } = await register.getSingleMetric('perdure_stalled_clients_total')!.get();
  return values[0]?.value ?? 0;
};

it('a client that does not read its answer is disconnected', async () => {
  const before = await stalled();
  const asked = once(server.server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const socket = connect(port, '127.0.0.1').pause();
  socket.write('GET /large HTTP/1.1\r\nhost: a\r\n\r\n');
  const [, response] = await asked;
  await once(response, 'close');
  expect(await stalled()).toBe(before + 1);
  socket.destroy();
});

it('one that reads gets all, and may then wait for longer on the same connection', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (path: string) => {
    const [response] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
    return text(response);
  };
  expect((await ask('/large')).length).toBe(LARGE.length);
  expect(await ask('/late')).toBe('late');
  agent.destroy();
});
