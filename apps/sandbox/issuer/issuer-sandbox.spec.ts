import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { IssuerKeys } from '#libs/identity/issuer-keys.js';
import { TokenVerifier } from '#libs/identity/token-verifier.js';
import { ROLES } from '#contracts/access.js';
import { createIssuerSandbox } from './issuer-sandbox.js';
import { readUsers } from './local-users.js';
import { SigningKeys } from './signing-keys.js';

const logger = pino({ level: 'silent' });
const users = readUsers('apps/sandbox/issuer/users.json');

let folder: string;
let keyFile: string;
let server: FastifyInstance;
let issuer: string;
let now = Date.now();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'issuer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  now = Date.now();
  keyFile = join(mkdtempSync(join(folder, 'keys-')), 'below/keys.json');
  await open();
});
afterEach(() => server.close());

async function open(port = 0): Promise<void> {
  const keys = await SigningKeys.open(keyFile);
  const options = { audience: 'perdure', keys, users, issuer: '' };
  server = createIssuerSandbox(options, logger);
  issuer = await server.listen({ port, host: '127.0.0.1' });
  options.issuer = issuer;
}

const verifier = () => {
  const rules = { issuer, audience: 'perdure', algorithms: ['ES256'] as const };
  const keys = new IssuerKeys({ issuer, jwksUrl: `${issuer}/jwks.json` }, logger, () => now);
  return new TokenVerifier({ ...rules, tenantClaim: 'tenant', rolesClaim: 'roles' }, keys, () => now);
};

async function ask(form: Record<string, string>, headers: Record<string, string> = {}) {
  const reply = await fetch(`${issuer}/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
  return { status: reply.status, body: (await reply.json()) as Record<string, string> };
}

async function tokenOf(username: string): Promise<string> {
  const { body } = await ask({ grant_type: 'password', username, password: username });
  return String(body['access_token']);
}

describe('a token', () => {
  it('of a user names the user, the tenant and the roles', async () => {
    const { verify } = { verify: async (name: string) => verifier().verify(await tokenOf(name)) };
    expect(await verify('alice')).toEqual({ tenant: 'default', id: 'alice', kind: 'user', roles: [] });
    expect(await verify('tom')).toMatchObject({ id: 'tom', roles: ['teller'] });
    expect(await verify('ada')).toMatchObject({ tenant: 'acme', id: 'ada' });
    expect((await verify('test')).roles.toSorted()).toEqual(Object.keys(ROLES).toSorted());
  });

  it('of a service is given for its secret, in the body or as Basic', async () => {
    const grant_type = 'client_credentials';
    const inBody = await ask({ grant_type, client_id: 'shop', client_secret: 'shop' });
    const authorization = `Basic ${Buffer.from('shop:shop').toString('base64')}`;
    const basic = await ask({ grant_type }, { authorization });
    for (const { body } of [inBody, basic]) {
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 43_200 });
      const caller = await verifier().verify(String(body['access_token']));
      expect(caller).toMatchObject({ id: 'service:shop', kind: 'service', roles: ['storefront'] });
    }
  });

  it.each([
    ['invalid_grant', { grant_type: 'password', username: 'alice', password: 'bob' }],
    ['invalid_grant', { grant_type: 'password', username: 'nobody', password: 'nobody' }],
    ['invalid_grant', { grant_type: 'password', username: 'shop', password: 'shop' }],
    ['invalid_grant', { grant_type: 'client_credentials', client_id: 'alice', client_secret: 'alice' }],
    ['unsupported_grant_type', { grant_type: 'implicit' }],
    ['unsupported_grant_type', { grant_type: 'password', username: 'alice' }],
  ])('is refused with %s for %j', async (error, form) => {
    expect(await ask(form as Record<string, string>)).toMatchObject({ status: 400, body: { error } });
  });

  it('is valid for 12 hours', async () => {
    const [verify, token] = [verifier(), await tokenOf('alice')];
    now += 12 * 3_600_000;
    expect(await verify.verify(token)).toMatchObject({ id: 'alice' });
    now += 31_000;
    await expect(verify.verify(token)).rejects.toMatchObject({ refusal: 'expired' });
  });
});

describe('the keys', () => {
  it('are readable by their owner only, and the same after a restart', async () => {
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const token = await tokenOf('alice');
    await server.close();
    await open(Number(new URL(issuer).port));
    expect(await verifier().verify(token)).toMatchObject({ id: 'alice' });
  });

  it('are published without their private parts', async () => {
    const { keys } = (await (await fetch(`${issuer}/jwks.json`)).json()) as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).toSorted())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
    ]);
  });

  it('can be rotated: tokens signed before and after are valid, until the key is dropped', async () => {
    const verify = verifier();
    const old = await tokenOf('alice');
    await verify.verify(old);
    const rotate = () => fetch(`${issuer}/rotate`, { method: 'POST' });
    await rotate();
    now += 31_000;
    expect(await verify.verify(await tokenOf('alice'))).toMatchObject({ id: 'alice' });
    expect(await verify.verify(old)).toMatchObject({ id: 'alice' });
    await rotate();
    await rotate();
    now += 301_000;
    await expect(verify.verify(old)).rejects.toMatchObject({ refusal: 'unknown key' });
  });
});

it('is found by its discovery document', async () => {
  const found = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  expect(found).toMatchObject({ issuer, jwks_uri: `${issuer}/jwks.json`, token_endpoint: `${issuer}/token` });
});

it('lists its users', async () => {
  const { users: listed } = (await (await fetch(`${issuer}/users`)).json()) as { users: { name: string }[] };
  expect(listed.map(({ name }) => name)).toEqual([...users.keys()]);
});
