import { afterEach, describe, expect, it } from '@jest/globals';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { serverOptions } from './server-options.js';
import { arriving, letUploadsArrive, takeUploads, uploadTypeOf } from './uploads.js';

const logger = pino({ level: 'silent' });
let server: FastifyInstance;
afterEach(() => server.close());

/** A server with a route for files and one for small bodies. */
async function listen(arrivalMilliseconds: number): Promise<number> {
  server = fastify(serverOptions(logger, {}, arrivalMilliseconds));
  const isUpload = (request: Parameters<typeof uploadTypeOf>[0]) => uploadTypeOf(request) !== undefined;
  letUploadsArrive(server, { isUpload, arrivalMilliseconds });
  takeUploads(server);
  const route = async ({ body }: { body: unknown }) => {
    let bytes = 0;
    for await (const part of arriving(body as AsyncIterable<Uint8Array>, 1_000)) bytes += part.length;
    return { bytes };
  };
  server.post('/files', { config: { takesUpload: true } }, route);
  server.post('/things', async () => ({ ok: true }));
  await server.listen({ port: 0, host: '127.0.0.1' });
  return (server.server.address() as AddressInfo).port;
}

/** Sends a request whose body takes longer to arrive than others may take. */
async function slowly(path: string, type: string, milliseconds: number): Promise<string> {
  const socket = connect(await listen(100), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 4\r\n`);
  socket.write(`content-type: ${type}\r\n\r\nab`);
  void pause(milliseconds).then(() => socket.write('cd'));
  return text(socket);
}

describe('a file', () => {
  it('has more time to arrive than other bodies', async () => {
    expect(await slowly('/files', 'text/csv; charset=utf-8', 400)).toContain('{"bytes":4}');
  });

  it('may be larger than other bodies', async () => {
    const port = await listen(10_000);
    const init = { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'x'.repeat(1_000_000) };
    const reply = await fetch(`http://127.0.0.1:${port}/files`, init);
    expect(await reply.json()).toEqual({ bytes: 1_000_000 });
  });

  it('is not taken where none is expected', async () => {
    const port = await listen(10_000);
    const init = { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'x' };
    expect((await fetch(`http://127.0.0.1:${port}/things`, init)).status).toBe(415);
  });

  it('of a sender that falls silent is given up', async () => {
    const silent = async function* () {
      yield Buffer.from('a');
      await new Promise(() => undefined);
    };
    await listen(100);
    const parts = arriving(silent(), 20);
    expect((await parts.next()).done).toBe(false);
    await expect(parts.next()).rejects.toMatchObject({ code: 'REQUEST.TIMEOUT' });
  });
});

it('any other body has only the time of other bodies', async () => {
  expect(await slowly('/things', 'text/plain', 2_000)).toContain('REQUEST.TIMEOUT');
});
