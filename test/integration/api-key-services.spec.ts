import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { newSecret } from '#libs/api-keys/api-key.js';
import { ApiKeyParts } from '#libs/api-keys/api-key-parts.js';
import { eventually, type Reply, request } from '../support/account-rest.js';
import { logger, openPool } from './read-path-kit.js';

/** A process that serves the API, with access control, while the issuer of tokens is away. */
class ServiceProcess {
  output = '';
  private child: ChildProcess | undefined;
  private url = '';

  async start(): Promise<void> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const settings = { ROLES: 'api', PORT: String(port), LOG_LEVEL: 'trace' };
    const env = { ...process.env, ...settings, AUTH: 'on', AUTH_ISSUER: 'http://127.0.0.1:1' };
    this.child = spawn(process.execPath, ['dist/apps/account/src/main.js'], { env, stdio: 'pipe' });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    await eventually(
      () => request(`${this.url}/health/live`),
      ({ status }) => status === 200,
      120_000,
    );
  }

  ask(path: string, headers: Record<string, string> = {}, body?: object): Promise<Reply> {
    const type = { 'content-type': 'application/json' };
    return request(`${this.url}/v1/api-keys${path}`, {
      headers: { ...headers, ...(body && type) },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
  }

  async stop(): Promise<void> {
    if (!this.child || this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const [one, other] = [new ServiceProcess(), new ServiceProcess()];
const expiresAt = () => new Date(Date.now() + 86_400_000).toISOString();

let pool: Pool;
let admin: { readonly id: string; readonly key: string };

beforeAll(async () => {
  pool = openPool();
  const caller = { tenant: `t${randomUUID().slice(0, 8)}`, id: 'sec', kind: 'user' as const, roles: [] };
  const wanted = { name: 'Automation', roles: ['security'], expiresAt: expiresAt() };
  admin = await new ApiKeyParts(pool, logger).keys.create(caller, wanted);
  await Promise.all([one.start(), other.start()]);
});
afterAll(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await pool.end();
});

async function create(): Promise<{ readonly id: string; readonly key: string }> {
  const wanted = { name: 'Import', roles: ['security'], expiresAt: expiresAt() };
  const { status, headers, body } = await one.ask('', { 'x-api-key': admin.key }, wanted);
  expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
  return { id: String(body['id']), key: String(body['key']) };
}

it('a key that one process makes is admitted by all, and refused within 5 s of its revocation', async () => {
  const { id, key } = await create();
  const bearer = { authorization: `Bearer ${key}` };
  for (const service of [one, other]) {
    expect(await service.ask('', bearer)).toMatchObject({
      status: 200,
      body: { data: [{ id }, { id: admin.id }] },
    });
  }
  expect(await one.ask(`/${id}/revoke`, { 'x-api-key': admin.key }, {})).toMatchObject({ status: 200 });
  const revokedAt = Date.now();
  for (const service of [one, other]) {
    const refused = await eventually(
      () => service.ask('', bearer),
      ({ status }) => status === 401,
    );
    expect(refused.body['code']).toBe('ACCESS.UNAUTHENTICATED');
    expect(Date.now() - revokedAt).toBeLessThan(5_000);
  }
});

it('both secrets are admitted by all processes during the overlap of a rotation', async () => {
  const { id, key } = await create();
  const rotated = await one.ask(`/${id}/rotate`, { 'x-api-key': admin.key }, { overlapHours: 1 });
  for (const secret of [key, String(rotated.body['key'])]) {
    for (const service of [one, other]) {
      await eventually(
        () => service.ask('', { 'x-api-key': secret }),
        ({ status }) => status === 200,
        5_000,
      );
    }
  }
});

it('a request without a credential is refused', async () => {
  const { status, headers, body } = await one.ask('');
  expect([status, body['code']]).toEqual([401, 'ACCESS.UNAUTHENTICATED']);
  expect(headers.get('www-authenticate')).toContain('Bearer');
});

it('a process that stops writes when keys were last used, and logs no secret', async () => {
  const { id, key } = await create();
  expect(await other.ask('', { 'x-api-key': key })).toMatchObject({ status: 200 });
  expect(await other.ask('', { 'x-api-key': newSecret(id).key })).toMatchObject({ status: 401 });
  await other.stop();
  const { body } = await one.ask('', { 'x-api-key': admin.key });
  const listed = (body['data'] as { readonly id: string; readonly lastUsedAt?: string }[]).find(
    (found) => found.id === id,
  );
  expect(listed?.lastUsedAt).toMatch(/Z$/);
  await one.stop();
  for (const { output } of [one, other]) expect(output).not.toMatch(/pk_|[0-9a-f]{40}/);
  expect(one.output).toContain('an API key was created');
});
