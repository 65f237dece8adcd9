import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { Body, Controller, Get, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { register } from 'prom-client';
import { createHttpApp } from './http-app.js';
import { limitConnections, serverOptions } from './server-options.js';

const logger = pino({ level: 'silent' });

const refusals = async (limit: string, of = 'request') => {
  const { values } = await register.getSingleMetric('perdure_limit_refusals_total')!.get();
  return values.find(({ labels }) => labels['limit'] === limit && labels['of'] === of)?.value ?? 0;
};
beforeEach(() => register.resetMetrics());

describe('a request', () => {
  @Controller('things')
  class Things {
    @Post()
    take(@Body() body: unknown): object {
      return { length: JSON.stringify(body).length };
    }

    @Get(':id')
    show(): object {
      return {};
    }
  }
  class ThingsModule {}
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await createHttpApp({ module: ThingsModule, controllers: [Things] }, logger);
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  const send = async (path: string, init?: RequestInit) => {
    const reply = await fetch(`${await app.getUrl()}/things${path}`, init);
    const { code } = (await reply.json()) as { readonly code?: string };
    return { status: reply.status, code };
  };
  const post = (body: string) => {
    return send('', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  };
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const ofBytes = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;

  it('may have a body of 64 KB', async () => {
    expect((await post(ofBytes(64 * 1024))).status).toBe(201);
    expect(await post(ofBytes(64 * 1024 + 1))).toEqual({ status: 413, code: 'REQUEST.TOO_LARGE' });
    expect(await refusals('body')).toBe(1);
  });

  it('may be nested 32 levels deep', async () => {
    expect((await post(nested(32))).status).toBe(201);
    expect(await refusals('depth')).toBe(0);
    expect(await post(nested(34))).toEqual({ status: 400, code: 'REQUEST.MALFORMED_JSON' });
    expect(await refusals('depth')).toBe(1);
  });

  it('may have headers of 16 KB', async () => {
    const withHeader = (bytes: number) => send('/a', { headers: { 'x-long': 'x'.repeat(bytes) } });
    expect((await withHeader(15 * 1024)).status).toBe(200);
    expect(await withHeader(16 * 1024)).toEqual({ status: 431, code: 'REQUEST.HEADERS_TOO_LARGE' });
    expect(await refusals('headers')).toBe(1);
  });

  it('may have 2,000 characters in a part of its address', async () => {
    expect((await send(`/${'a'.repeat(2_000)}`)).status).toBe(200);
    expect(await send(`/${'a'.repeat(2_001)}`)).toEqual({ status: 414, code: 'REQUEST.URI_TOO_LONG' });
    expect(await refusals('address')).toBe(1);
  });
});

describe('a connection', () => {
  let server: FastifyInstance;
  let sockets: Socket[];
  beforeEach(() => void (sockets = []));
  const listen = async (arrivalMilliseconds?: number) => {
    server = fastify(serverOptions(logger, {}, arrivalMilliseconds));
    limitConnections(server, 1);
    server.post('/things', async () => ({ ok: true }));
    await server.listen({ port: 0, host: '127.0.0.1' });
  };
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close();
  });
  const open = () => {
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    return socket;
  };

  it.each([
    ['headers', 'POST /things HTTP/1.1\r\nhost: a\r\n'],
    ['body', 'POST /things HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\ncontent-type: text/plain\r\n\r\nhalf'],
  ])('whose %s never arrive completely is ended', async (_, begun) => {
    await listen(100);
    const socket = open();
    socket.write(begun);
    const answer = await text(socket);
    expect(answer).toContain('HTTP/1.1 408 Request Timeout');
    expect(answer).toContain('REQUEST.TIMEOUT');
    expect(await refusals('arrival')).toBe(1);
  });

  it('beyond the limit is refused, while others are served', async () => {
    await listen();
    const first = open();
    await once(first, 'connect');
    const second = open();
    await once(second, 'close');
    expect(await refusals('connections', 'process')).toBe(1);
    first.write('POST /things HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    expect(await text(first)).toContain('HTTP/1.1 200 OK');
  });
});
