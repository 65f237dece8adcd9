import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { pino } from 'pino';
import { toProblem } from '#libs/api/http/to-problem.js';
import { newKeyId, newSecret } from '#libs/api-keys/api-key.js';
import { ApiKeyParts } from '#libs/api-keys/api-key-parts.js';
import type { Caller } from '#libs/identity/caller.js';
import { eventually } from '../support/account-rest.js';
import { openPool } from './read-path-kit.js';

let pool: Pool;
let parts: ApiKeyParts;
let admin: Caller;
let stranger: Caller;
/** All that was logged. */
let logged = '';
/** All secrets of the test. */
const shown: string[] = [];

const logger = pino(
  { level: 'trace' },
  new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  }),
);

const callerIn = (tenant: string): Caller => {
  return { tenant, id: 'sam', kind: 'user', roles: ['security'] };
};

beforeAll(() => {
  pool = openPool();
});
afterAll(() => pool.end());

beforeEach(() => {
  logged = '';
  parts = new ApiKeyParts(pool, logger, 50);
  admin = callerIn(`t${randomUUID().slice(0, 8)}`);
  stranger = callerIn(`s${randomUUID().slice(0, 8)}`);
});
afterEach(() => parts.close());

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

async function create(more: { readonly expiresAt?: string } = {}, idempotencyKey?: string) {
  const request = { name: 'Nightly import', roles: ['teller'], expiresAt: inDays(30), ...more };
  const made = await parts.keys.create(admin, request, idempotencyKey);
  shown.push(made.key);
  return made;
}

async function rotate(id: string, overlapSeconds: number, expiresAt?: string, idempotencyKey?: string) {
  const made = await parts.keys.rotate(admin, id, { overlapSeconds, expiresAt }, idempotencyKey);
  shown.push(made.key);
  return made;
}

/** The answer to a key, of a process that has not seen it before. */
function fresh(key: string): Promise<string> {
  return answerOf(new ApiKeyParts(pool, logger), key);
}

async function answerOf({ verifier }: ApiKeyParts, key: string): Promise<string> {
  return verifier.verify(key).then(
    ({ id }) => id,
    ({ refusal }: { readonly refusal?: string }) => `refused: ${refusal}`,
  );
}

const codeOf = (work: Promise<unknown>) => work.catch((error: unknown) => toProblem(error).code);

describe('an API key', () => {
  it('stands for a caller with its tenant and its roles', async () => {
    const { id, key } = await create();
    expect(await parts.verifier.verify(key)).toEqual({
      tenant: admin.tenant,
      id: `key:${id}`,
      kind: 'api-key',
      roles: ['teller'],
    });
  });

  it('is refused with a secret that is not its own', async () => {
    const [one, other] = [await create(), await create()];
    const { key } = await rotate(one.id, 0);
    expect(await fresh(one.key)).toBe('refused: replaced');
    expect(await fresh((await rotate(other.id, 0)).key)).toBe(`key:${other.id}`);
    await pool.query('UPDATE identity.api_keys SET secret_hash = $2, previous_hash = NULL WHERE id = $1', [
      one.id,
      Buffer.alloc(32, 1),
    ]);
    expect(await fresh(key)).toBe('refused: secret');
  });

  it('is refused once it has expired', async () => {
    const { id, key } = await create();
    expect(await fresh(key)).toBe(`key:${id}`);
    await pool.query(
      `UPDATE identity.api_keys SET expires_at = now() - interval '1 millisecond' WHERE id = $1`,
      [id],
    );
    expect(await fresh(key)).toBe('refused: expired');
    expect(await codeOf(rotate(id, 60))).toBe('API_KEY.ENDED');
  });

  it('is stored without its secret', async () => {
    const { id, key } = await create();
    const { rows } = await pool.query<{ row: string }>(
      'SELECT row_to_json(k)::text AS row FROM identity.api_keys k WHERE id = $1',
      [id],
    );
    const secret = key.split('_')[2] ?? '';
    expect(rows[0]?.row).not.toContain(secret.slice(0, 64));
  });

  it.each([
    ['in the past', -1],
    ['now', 0],
    ['in more than a year', 365.1],
  ])('cannot expire %s', async (_, days) => {
    expect(await codeOf(create({ expiresAt: inDays(days) }))).toBe('API_KEY.INVALID_EXPIRY');
    const { id } = await create();
    expect(await codeOf(rotate(id, 60, inDays(days)))).toBe('API_KEY.INVALID_EXPIRY');
  });

  it('is one of at most a thousand of its tenant', async () => {
    await pool.query(
      `INSERT INTO identity.api_keys (id, tenant, name, roles, secret_hash, created_by, expires_at)
       SELECT substr(md5($1 || n), 1, 24), $1, 'k', '{}', sha256('x'), 'sam', now() + interval '1 day'
       FROM generate_series(1, 1000) n`,
      [admin.tenant],
    );
    expect(await codeOf(create())).toBe('API_KEY.TOO_MANY');
    const [last] = (await parts.keys.list(admin, 1)).data;
    await parts.keys.revoke(admin, last?.id ?? '');
    expect(await create()).toMatchObject({ name: 'Nightly import' });
  });
});

describe('a rotation', () => {
  it('lets the secret before it count for a while, and no earlier one', async () => {
    const { id, key: first } = await create();
    const { key: second, previousUntil } = await rotate(id, 3_600);
    expect(Date.parse(previousUntil ?? '') - Date.now()).toBeGreaterThan(3_500_000);
    expect([await fresh(first), await fresh(second)]).toEqual([`key:${id}`, `key:${id}`]);
    const { key: third } = await rotate(id, 3_600);
    expect([await fresh(second), await fresh(third)]).toEqual([`key:${id}`, `key:${id}`]);
    expect(await fresh(first)).toBe('refused: secret');
  });

  it('ends the secret before it when the overlap is over', async () => {
    const { id, key: first } = await create();
    await rotate(id, 1);
    expect(await fresh(first)).toBe(`key:${id}`);
    await eventually(
      () => fresh(first),
      (answer) => answer === 'refused: replaced',
    );
  });

  it('can extend the key, but not the secret before it', async () => {
    const { id, expiresAt: before } = await create({ expiresAt: inDays(1) });
    const rotated = await rotate(id, 7 * 86_400, inDays(300));
    expect(rotated.previousUntil).toBe(before);
    expect(Date.parse(rotated.expiresAt)).toBeGreaterThan(Date.parse(before));
  });
});

describe('an idempotency key', () => {
  it('makes one API key, whose secret is shown once', async () => {
    const { id } = await create({}, 'k1');
    await expect(create({}, 'k1')).rejects.toMatchObject({
      code: 'API_KEY.ALREADY_SHOWN',
      extras: { members: { id } },
    });
    expect((await parts.keys.list(admin, 50)).data).toHaveLength(1);
    expect((await create({}, 'k2')).id).not.toBe(id);
  });

  it('rotates once, whose secret is shown once', async () => {
    const { id, key: first } = await create();
    const { key: second } = await rotate(id, 60, undefined, 'r1');
    expect(await codeOf(rotate(id, 60, undefined, 'r1'))).toBe('API_KEY.ALREADY_SHOWN');
    expect([await fresh(first), await fresh(second)]).toEqual([`key:${id}`, `key:${id}`]);
    expect((await rotate(id, 60, undefined, 'r2')).id).toBe(id);
    expect((await rotate(id, 60)).id).toBe(id);
  });

  it('is used by two requests at once and makes one API key', async () => {
    const both = await Promise.allSettled([create({}, 'k1'), create({}, 'k1')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('another tenant', () => {
  it('neither sees a key nor changes it', async () => {
    const { id, key } = await create();
    expect((await parts.keys.list(stranger, 50)).data).toEqual([]);
    const unknown = newKeyId();
    for (const one of [id, unknown]) {
      const rotated = parts.keys.rotate(stranger, one, { overlapSeconds: 0 }, 'k');
      for (const asked of [rotated, parts.keys.revoke(stranger, one)]) {
        await expect(asked).rejects.toMatchObject({
          code: 'API_KEY.NOT_FOUND',
          detail: `there is no API key ${one}`,
        });
      }
    }
    expect(await fresh(key)).toBe(`key:${id}`);
  });

  it('makes a key of its own under the same idempotency key', async () => {
    const { id } = await create({}, 'k1');
    const request = { name: 'Other', roles: [], expiresAt: inDays(1) };
    const other = await parts.keys.create(stranger, request, 'k1');
    expect(other.id).not.toBe(id);
    shown.push(other.key);
  });
});

describe('the list', () => {
  it('has every key once, the latest first, in pages without secrets', async () => {
    const made: string[] = [];
    for (let count = 0; count < 7; count += 1) made.unshift((await create()).id);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await parts.keys.list(admin, 3, cursor);
      expect(JSON.stringify(page)).not.toMatch(/hash|secret|pk_/);
      found.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(found.toSorted()).toEqual(made.toSorted());
    expect(found).toHaveLength(7);
    expect(await codeOf(parts.keys.list(admin, 3, 'MS5rZXk'))).toBe('REQUEST.INVALID_QUERY');
  });

  it('tells who did what, and when', async () => {
    const { id } = await create();
    await parts.keys.rotate({ ...admin, id: 'rob' }, id, { overlapSeconds: 60 });
    await parts.keys.revoke({ ...admin, id: 'eve' }, id);
    const again = await parts.keys.revoke({ ...admin, id: 'late' }, id);
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(again).toEqual({
      id,
      name: 'Nightly import',
      roles: ['teller'],
      createdBy: 'sam',
      createdAt: time,
      expiresAt: time,
      rotatedBy: 'rob',
      rotatedAt: time,
      previousUntil: time,
      revokedBy: 'eve',
      revokedAt: time,
    });
    expect((await parts.keys.list(admin, 1)).data).toEqual([again]);
  });
});

describe('the last use', () => {
  const lastUse = async (id: string) => {
    const { data } = await parts.keys.list(admin, 50);
    return data.find((one) => one.id === id)?.lastUsedAt;
  };

  it('is written in the background, once a minute at most, by any number of processes', async () => {
    const { id, key } = await create();
    expect(await lastUse(id)).toBeUndefined();
    await parts.verifier.verify(key);
    const first = await eventually(
      () => lastUse(id),
      (at) => at !== undefined,
    );
    const others = [new ApiKeyParts(pool, logger), new ApiKeyParts(pool, logger)];
    for (const other of others) await other.verifier.verify(key);
    await Promise.all(others.map((other) => other.close()));
    expect(await lastUse(id)).toBe(first);
    await pool.query(
      `UPDATE identity.api_keys SET last_used_at = last_used_at - interval '61 seconds' WHERE id = $1`,
      [id],
    );
    await parts.verifier.verify(key);
    await parts.close();
    expect(Date.parse((await lastUse(id)) ?? '')).toBeGreaterThanOrEqual(Date.parse(first ?? ''));
  });

  it('is not that of a refused request', async () => {
    const { id, key } = await create();
    await parts.keys.revoke(admin, id);
    expect(await answerOf(parts, key)).toBe('refused: revoked');
    await parts.close();
    expect(await lastUse(id)).toBeUndefined();
  });
});

/** Another process that verifies keys. */
class Verifying {
  private readonly child: ChildProcess;
  private readonly lines: Interface;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, ...environment };
    const program = ['dist/test/integration/api-key-process.js'];
    this.child = spawn(process.execPath, program, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.child.stdout) throw new Error('the process has no output');
    this.lines = createInterface({ input: this.child.stdout });
  }

  async ask(key: string): Promise<string> {
    const answered = once(this.lines, 'line');
    this.child.stdin?.write(`${key}\n`);
    return String((await answered)[0]);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }
}

describe('two processes', () => {
  let other: Verifying;

  beforeEach(() => {
    other = new Verifying();
  });
  afterEach(() => other.stop());

  it('refuse a key in one within 5 s of its revocation in the other', async () => {
    const { id, key } = await create();
    expect(await other.ask(key)).toBe(`key:${id}`);
    await parts.keys.revoke(admin, id);
    const revokedAt = Date.now();
    await eventually(
      () => other.ask(key),
      (answer) => answer === 'refused: revoked',
    );
    expect(Date.now() - revokedAt).toBeLessThan(5_000);
  });

  it('accept a new secret in one within 5 s of the rotation in the other', async () => {
    const { id, key: first } = await create();
    expect(await other.ask(first)).toBe(`key:${id}`);
    const { key: second } = await rotate(id, 3_600);
    const rotatedAt = Date.now();
    await eventually(
      () => other.ask(second),
      (answer) => answer === `key:${id}`,
    );
    expect(Date.now() - rotatedAt).toBeLessThan(5_000);
    expect(await other.ask(first)).toBe(`key:${id}`);
  });

  it('create the table once if both need it at the same time', async () => {
    const database = `keys_${randomUUID().replaceAll('-', '')}`;
    await pool.query(`CREATE DATABASE ${database}`);
    const url = new URL(String(process.env['DATABASE_URL']));
    url.pathname = `/${database}`;
    const empty = new Pool({ connectionString: url.href });
    empty.on('error', () => undefined);
    const late = new Verifying({ DATABASE_URL: url.href });
    const { key: unknown } = newSecret(newKeyId());
    const first = Array.from({ length: 5 }, () => answerOf(new ApiKeyParts(empty, logger), unknown));
    const answers = await Promise.all([...first, late.ask(unknown)]);
    expect(answers).toEqual(Array(6).fill('refused: unknown key'));
    await late.stop();
    await empty.end();
    await pool.query(`DROP DATABASE ${database} WITH (FORCE)`);
  });
});

describe('without PostgreSQL', () => {
  it('a key is answered 503, not 401', async () => {
    const { key } = await create();
    const nowhere = new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
    const { verifier } = new ApiKeyParts(nowhere, logger);
    await expect(verifier.verify(key)).rejects.toMatchObject({ status: 503, code: 'ENGINE.UNAVAILABLE' });
    await nowhere.end();
  });
});

it('no secret is ever logged', async () => {
  const { id, key } = await create({}, 'k1');
  const rotated = await rotate(id, 60);
  await codeOf(create({}, 'k1'));
  await parts.verifier.verify(rotated.key);
  await parts.keys.revoke(admin, id);
  for (const one of [key, rotated.key, `${key}0`]) await answerOf(new ApiKeyParts(pool, logger), one);
  expect(logged).toContain('an API key was created');
  expect(logged).toContain('an API key was rotated');
  expect(logged).toContain('an API key was revoked');
  expect(logged).toContain(id);
  for (const secret of shown) expect(logged).not.toContain((secret.split('_')[2] ?? secret).slice(0, 16));
});
