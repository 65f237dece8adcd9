import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { z } from 'zod';
import { type PairFiles, TestAuthority } from '#libs/testing/certificates.js';
import { waitUntil } from '#tools/dev-stack/wait-until.js';
import { createHttpApp } from './http-app.js';
import { readConfig } from './read-config.js';
import { ServerTls } from './server-tls.js';
import { transportOf, transportVariables } from './transport.js';

const PATIENCE = { timeoutMs: 5_000, intervalMs: 10 };
const logger = pino({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'transport-'));
let authority: TestAuthority;
let strangers: TestAuthority;
let files: PairFiles;
let client: PairFiles;
beforeAll(async () => {
  authority = await TestAuthority.create('ours');
  strangers = await TestAuthority.create('strangers');
  files = await authority.issueFiles(join(folder, 'server'), 'server', ['127.0.0.1']);
  client = await authority.issueFiles(join(folder, 'client'), 'client');
});
afterAll(() => rmSync(folder, { recursive: true }));

@Controller()
class Things {
  @Get('thing')
  thing() {
    return { is: 'a thing' };
  }

  @Get('cached')
  @Header('cache-control', 'max-age=60')
  cached() {
    return { is: 'cached' };
  }

  @Post('thing')
  broken() {
    throw new TypeError('broken');
  }
}

@Module({ controllers: [Things] })
class ThingsModule {}

const opened: NestFastifyApplication[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()));
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<NestFastifyApplication> {
  const config = readConfig(z.object(transportVariables), environment);
  const app = await createHttpApp(ThingsModule, logger, transportOf(config, logger));
  opened.push(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

const portOf = (app: NestFastifyApplication) => (app.getHttpServer().address() as AddressInfo).port;

/** Sends a request by HTTPS, on a connection of its own. */
function ask(app: NestFastifyApplication, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: portOf(app), path: '/thing', agent: false, ...options });
    asked
      .once('response', (response) => resolve(response.resume()))
      .once('error', reject)
      .end();
  });
}

const trusting = () => ({ ca: authority.certificate });

describe('security headers', () => {
  const expected = {
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };

  it.each([
    ['an answer', 'GET', '/thing', 200],
    ['an unknown address', 'GET', '/nothing', 404],
    ['a wrong method', 'DELETE', '/thing', 405],
    ['an internal error', 'POST', '/thing', 500],
    ['an address that is not valid', 'GET', '/%zz', 400],
  ])('come with %s', async (_, method, path, status) => {
    const app = await start();
    const reply = await fetch(`http://127.0.0.1:${portOf(app)}${path}`, { method });
    expect(reply.status).toBe(status);
    expect(Object.fromEntries(reply.headers)).toMatchObject(expected);
    expect(reply.headers.has('strict-transport-security')).toBe(false);
    expect(reply.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('come with the answer to what is not HTTP', async () => {
    const socket = connect(portOf(await start()), '127.0.0.1').setEncoding('utf8');
    socket.write('hello\r\n\r\n');
    let text = '';
    for await (const part of socket) text += String(part);
    expect(text).toContain('400 Bad Request');
    expect(text).toContain("default-src 'none';frame-ancestors 'none'");
    expect(text).toContain('nosniff');
  });

  it('leave alone what a route sets', async () => {
    const reply = await fetch(`http://127.0.0.1:${portOf(await start())}/cached`);
    expect(reply.headers.get('cache-control')).toBe('max-age=60');
  });

  it('keep browsers on HTTPS, also behind a trusted proxy', async () => {
    const app = await start();
    const forwarded = { 'x-forwarded-proto': 'https' };
    const reply = await fetch(`http://127.0.0.1:${portOf(app)}/thing`, { headers: forwarded });
    expect(reply.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });
});

describe('CORS', () => {
  const origin = 'https://shop.example';
  const preflight = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,idempotency-key',
  };
  const ours = (reply: Response) =>
    [...reply.headers.keys()].filter((name) => name.startsWith('access-control'));

  async function asked(
    headers: Record<string, string>,
    method = 'GET',
    origins = `https://a.example, ${origin}`,
  ) {
    const app = await start({ CORS_ORIGINS: origins });
    return fetch(`http://127.0.0.1:${portOf(app)}/thing`, { method, headers });
  }

  it('lets pages of a listed origin read answers and their headers, without cookies', async () => {
    const reply = await asked({ origin });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('access-control-allow-origin')).toBe(origin);
    expect(reply.headers.get('access-control-expose-headers')).toContain('ETag');
    expect(reply.headers.get('vary')).toBe('Origin');
    expect(reply.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('answers the preflight of a listed origin', async () => {
    const reply = await asked({ origin, ...preflight }, 'OPTIONS');
    expect(reply.status).toBe(204);
    expect(reply.headers.get('access-control-allow-origin')).toBe(origin);
    expect(reply.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
    expect(reply.headers.get('access-control-allow-methods')).toContain('POST');
    expect(Number(reply.headers.get('access-control-max-age'))).toBeGreaterThan(0);
  });

  it('lets them read problems, too', async () => {
    const reply = await asked({ origin }, 'POST');
    expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([500, origin]);
  });

  it.each([
    'https://evil.example',
    `${origin}.evil.example`,
    `${origin}:8443`,
    'http://shop.example',
    'null',
  ])('says nothing to %s', async (stranger) => {
    for (const [headers, method] of [
      [{}, 'GET'],
      [preflight, 'OPTIONS'],
    ] as const) {
      const reply = await asked({ origin: stranger, ...headers }, method);
      expect(ours(reply)).toEqual([]);
      expect(reply.headers.get('vary')).toBe('Origin');
    }
  });

  it('lists nobody by default', async () => {
    const reply = await asked({ origin, ...preflight }, 'OPTIONS', '');
    expect([reply.status, ours(reply), reply.headers.has('vary')]).toEqual([405, [], false]);
  });

  it.each([
    '*',
    'null',
    'shop.example',
    `${origin}/`,
    `${origin}/path`,
    'https://*.example',
    'file:///a',
    `${origin},`,
  ])('is not configured with %s', (CORS_ORIGINS) => {
    const read = () => readConfig(z.object(transportVariables), { CORS_ORIGINS });
    expect(read).toThrow(/^CORS_ORIGINS: must list exact origins/);
  });
});

describe('HTTPS', () => {
  const own = () => ({ TLS_CERT_PATH: files.cert, TLS_KEY_PATH: files.key });

  it('is answered with TLS 1.2 or newer, and HSTS', async () => {
    const app = await start(own());
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const reply = await ask(app, { ...trusting(), minVersion: version, maxVersion: version });
      expect(reply.headers['strict-transport-security']).toBe('max-age=31536000');
      expect((reply.socket as TLSSocket).getProtocol()).toBe(version);
    }
    await expect(ask(app, { ...trusting(), minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
  });

  it('survives a client that speaks HTTP, or nothing at all', async () => {
    const app = await start(own());
    await expect(fetch(`http://127.0.0.1:${portOf(app)}/thing`)).rejects.toThrow();
    const socket = connect(portOf(app), '127.0.0.1').end('\u0016\u0003nonsense');
    socket.on('error', () => undefined).resume();
    await once(socket, 'close');
    expect((await ask(app, trusting())).statusCode).toBe(200);
  });

  it('is for clients with a certificate of the authority, if there is one', async () => {
    const app = await start({ ...own(), TLS_CLIENT_CA_PATH: files.ca });
    const { cert, key } = await authority.issue('a client');
    expect((await ask(app, { ...trusting(), cert, key })).statusCode).toBe(200);
    await expect(ask(app, trusting())).rejects.toThrow(
      /certificate required|ECONNRESET|EPIPE|socket hang up/,
    );
    const stranger = await strangers.issue('a client');
    await expect(ask(app, { ...trusting(), ...stranger })).rejects.toThrow(
      /unknown ca|ECONNRESET|EPIPE|socket hang up/,
    );
  });

  it('takes up a certificate that is replaced, and keeps the previous one while files do not match', async () => {
    const place = join(folder, 'rotating');
    const first = await authority.issue('first', ['127.0.0.1']);
    const second = await authority.issue('second', ['127.0.0.1']);
    const { cert, key } = authority.writeFiles(place, first);
    const lines: string[] = [];
    const log = pino({}, { write: (line) => void lines.push(line) });
    const named = { cert: { variable: 'CERT', file: cert }, key: { variable: 'KEY', file: key } };
    const tls = new ServerTls({ ...named, ca: { variable: 'CA', file: undefined } }, log, 10);
    const app = await createHttpApp(ThingsModule, logger, { tls });
    opened.push(app);
    await app.listen(0, '127.0.0.1');
    const subject = async () => {
      const { socket } = await ask(app, trusting());
      return (socket as TLSSocket).getPeerCertificate().subject.CN;
    };
    const logged = (text: string) => waitUntil(() => lines.some((line) => line.includes(text)), PATIENCE);
    expect(await subject()).toBe('first');
    writeFileSync(key, second.key);
    expect(await logged('the changed certificate cannot be used')).toBe(true);
    expect(await subject()).toBe('first');
    writeFileSync(cert, second.cert);
    expect(await logged('the certificate was replaced')).toBe(true);
    expect(await subject()).toBe('second');
    expect(lines.join()).not.toContain('PRIVATE KEY');
  });

  it.each<[string, () => Record<string, string>]>([
    ['TLS_KEY_PATH: is missing; TLS_CERT_PATH is set', () => ({ TLS_CERT_PATH: files.cert })],
    ['TLS_CERT_PATH: is missing; TLS_CLIENT_CA_PATH is set', () => ({ TLS_CLIENT_CA_PATH: files.ca })],
    [
      'TLS_KEY_PATH: is not the key of the certificate in TLS_CERT_PATH',
      () => ({ TLS_CERT_PATH: files.cert, TLS_KEY_PATH: client.key }),
    ],
    ['NODE_TLS_REJECT_UNAUTHORIZED: must not be 0', () => ({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })],
  ])('%s', async (message, environment) => {
    await expect(start(environment())).rejects.toThrow(message);
  });
});
