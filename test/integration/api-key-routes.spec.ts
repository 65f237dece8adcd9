import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { ApiKeyAuthenticator } from '#libs/api-keys/api-key-authenticator.js';
import { ApiKeyParts } from '#libs/api-keys/api-key-parts.js';
import { ApiKeys } from '#libs/api-keys/api-keys.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { ApiKeysController } from '#libs/operations/api-keys/api-keys.controller.js';
import { openPool } from './read-path-kit.js';

/** All that is logged, and all keys that are shown. */
let logged = '';
const shown: string[] = [];
const logger = pino({ level: 'trace' }, { write: (line: string) => void (logged += line) });

let pool: Pool;
let app: NestFastifyApplication;
let user: Caller;

/** Takes requests without an API key for those of a user. */
class UserAuthenticator extends Authenticator {
  async authenticate(): Promise<Caller> {
    return user;
  }
}

beforeAll(async () => {
  pool = openPool();
  const parts = new ApiKeyParts(pool, logger);
  const authenticator = new ApiKeyAuthenticator(parts.verifier, new UserAuthenticator());
  class KeysModule {}
  const module = {
    module: KeysModule,
    controllers: [ApiKeysController],
    providers: [
      AccessControl,
      { provide: Authenticator, useValue: authenticator },
      { provide: RequestLog, useValue: { logger } },
      { provide: ApiKeys, useValue: parts.keys },
    ],
  };
  app = await createHttpApp(module, logger);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(async () => {
  await app.close();
  await pool.end();
});
beforeEach(() => {
  user = { tenant: `t${randomUUID().slice(0, 8)}`, id: 'sam', kind: 'user', roles: ['security'] };
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
  const method = body ? 'POST' : 'GET';
  const url = `/v1/api-keys${path}`;
  const reply = await app.inject({ method, url, headers, ...(body && { payload: body }) });
  const answer = JSON.parse(reply.payload) as Answer['body'];
  if (typeof answer['key'] === 'string') shown.push(answer['key']);
  return { status: reply.statusCode, headers: reply.headers, body: answer };
}

const wanted = () => ({
  name: 'Nightly import',
  roles: ['security', 'teller'],
  expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
});

async function create() {
  const { status, headers, body } = await ask('', wanted());
  expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
  return { id: String(body['id']), key: String(body['key']) };
}

describe('the routes of API keys', () => {
  it('make a key, which is admitted with its roles, in its tenant, as itself', async () => {
    const { id, key } = await create();
    user = { ...user, tenant: 'other', roles: [] };
    const listed = await ask('', undefined, { authorization: `Bearer ${key}` });
    expect(listed).toMatchObject({
      status: 200,
      body: { data: [{ id, status: 'active', createdBy: 'sam' }] },
    });
    const made = await ask('', wanted(), { 'x-api-key': key });
    expect(made).toMatchObject({ status: 201, body: { createdBy: `key:${id}` } });
    expect((await ask('', undefined, { 'x-api-key': key })).body['data']).toHaveLength(2);
  });

  it('show a secret when it is made, and never again', async () => {
    const { id, key } = await create();
    const rotated = await ask(`/${id}/rotate`, {});
    expect(rotated).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(rotated.body['key']).not.toBe(key);
    const others = [await ask(''), await ask(`/${id}/revoke`, {}), await ask('')];
    for (const { body } of others) expect(JSON.stringify(body)).not.toMatch(/pk_|hash|secret/);
    expect(others.map(({ body, status }) => [status, body['status']])).toEqual([
      [200, undefined],
      [200, 'revoked'],
      [200, undefined],
    ]);
  });

  it('answer a retry under an idempotency key with the id alone', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const { body: made } = await ask('', wanted(), headers);
    const again = await ask('', wanted(), headers);
    expect(again).toMatchObject({ status: 409, body: { code: 'API_KEY.ALREADY_SHOWN', id: made['id'] } });
    const rotate = () => ask(`/${String(made['id'])}/rotate`, {}, headers);
    const rotations = [await rotate(), await rotate()];
    expect(rotations.map(({ status }) => status)).toEqual([200, 409]);
    expect(JSON.stringify([again, rotations[1]])).not.toContain('pk_');
  });

  it('refuse the keys of another tenant like keys that do not exist', async () => {
    const { id } = await create();
    user = { ...user, tenant: 'other' };
    const unknown = '0'.repeat(24);
    for (const verb of ['rotate', 'revoke']) {
      const strange = await ask(`/${id}/${verb}`, {});
      const missing = await ask(`/${unknown}/${verb}`, {});
      expect(strange.status).toBe(404);
      const textOf = ({ body }: Answer) => JSON.stringify({ ...body, traceId: '' }).replaceAll(id, unknown);
      expect(textOf(strange)).toBe(textOf(missing));
    }
  });

  it('are for the role security', async () => {
    const { id } = await create();
    for (const roles of [[], ['operator'], ['support', 'teller']]) {
      user = { ...user, roles };
      for (const path of ['', `/${id}/rotate`, `/${id}/revoke`]) {
        expect(await ask(path, wanted())).toMatchObject({ status: 403, body: { code: 'ACCESS.DENIED' } });
      }
      expect(await ask('')).toMatchObject({ status: 403 });
    }
  });

  it.each([
    ['a key that does not exist', { 'x-api-key': `pk_${'0'.repeat(24)}_${'0'.repeat(72)}` }],
    ['a text that is no key', { 'x-api-key': 'pk_' }],
  ])('answer 401 to %s', async (_, headers) => {
    const { status, headers: given, body } = await ask('', undefined, headers);
    expect([status, body['code']]).toEqual([401, 'ACCESS.UNAUTHENTICATED']);
    expect(given['www-authenticate']).toContain('Bearer');
  });

  it.each([
    ['no name', { name: '' }],
    ['a role that does not exist', { roles: ['root'] }],
    ['a time without a date', { expiresAt: 'tomorrow' }],
    ['a tenant', { tenant: 'other' }],
  ])('refuse %s', async (_, more) => {
    const refused = await ask('', { ...wanted(), ...more });
    expect(refused).toMatchObject({ status: 422, body: { code: 'REQUEST.INVALID_BODY' } });
  });

  it('log no secret, also of keys that they refuse', async () => {
    const { id, key } = await create();
    await ask(`/${id}/revoke`, {});
    expect(await ask('', undefined, { 'x-api-key': key })).toMatchObject({ status: 401 });
    expect(await ask('', { ...wanted(), name: key })).toMatchObject({ status: 201 });
    expect(await ask('', { ...wanted(), roles: [key] })).toMatchObject({ status: 422 });
    expect(logged).toContain(`refused: revoked (key:${id})`);
    for (const one of shown) expect(logged).not.toContain(String(one.split('_')[2]).slice(0, 16));
  });
});
