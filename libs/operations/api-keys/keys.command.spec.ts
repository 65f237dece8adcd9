import { describe, expect, it, jest } from '@jest/globals';
import { operatorSession } from '#libs/testing/operator-session.js';
import { keysCommand } from './keys.command.js';

const operator = operatorSession(keysCommand);
const { run } = operator;

const listed = (id: string) => ({
  id,
  name: 'Nightly import',
  roles: ['teller', 'support'],
  status: 'active',
  createdBy: 'sam',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-06-01T00:00:00.000Z',
});
const asked = () => operator.services.asked;

/** What is written to standard output alone. */
function output(): () => string {
  let text = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  return () => text;
}

describe('keys create', () => {
  it('prints only the key on standard output', async () => {
    operator.services.answers.set('/v1/api-keys', () => ({ ...listed('k1'), key: 'pk_k1_secret' }));
    const printed = output();
    const before = Date.now();
    await run('create', 'Nightly import', '--roles', 'teller, support', '--days', '30');
    expect(printed()).toBe('pk_k1_secret\n');
    expect(operator.shown()).toContain('This is key k1, valid until 2026-06-01T00:00:00.000Z.');
    expect(asked()).toMatchObject([
      {
        method: 'POST',
        path: '/v1/api-keys',
        body: { name: 'Nightly import', roles: ['teller', 'support'] },
      },
    ]);
    const [made] = asked().map(({ body }) => body as { readonly expiresAt: string });
    expect(Math.round((Date.parse(made?.expiresAt ?? '') - before) / 86_400_000)).toBe(30);
  });

  it('makes a key without roles, for 90 days', async () => {
    operator.services.answers.set('/v1/api-keys', () => ({ ...listed('k1'), key: 'pk_k1_secret' }));
    await run('create', 'Reader');
    expect(asked()[0]?.body).toMatchObject({ name: 'Reader', roles: [] });
  });
});

describe('keys list', () => {
  it('shows all pages', async () => {
    operator.services.answers.set('/v1/api-keys?', ({ path }) =>
      path.includes('cursor=abc') ? { data: [listed('k2')] } : { data: [listed('k1')], nextCursor: 'abc' },
    );
    await run('list');
    expect(asked().map(({ path }) => path)).toEqual([
      '/v1/api-keys?limit=200',
      '/v1/api-keys?limit=200&cursor=abc',
    ]);
    const lines = operator.shown().trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^k1 {2}Nightly import {2}teller,support {2}active {2}2026-06-01.* {2}– /);
  });

  it('stops after a thousand, and says so', async () => {
    const data = Array.from({ length: 200 }, (_, index) => listed(`k${index}`));
    operator.services.answers.set('/v1/api-keys?', () => ({ data, nextCursor: 'abc' }));
    await run('list');
    expect(asked()).toHaveLength(5);
    expect(operator.shown()).toContain('There are more than 1000; these are the latest.');
    expect(process.exitCode).toBe(1);
  });
});

describe('keys rotate', () => {
  const rotated = () => ({
    ...listed('k1'),
    key: 'pk_k1_other',
    previousUntil: '2026-01-02T00:00:00.000Z',
  });

  it('prints only the new key on standard output, and says how long the old one counts', async () => {
    operator.services.answers.set('/v1/api-keys/k1/rotate', rotated);
    const printed = output();
    await run('rotate', 'k1');
    expect(printed()).toBe('pk_k1_other\n');
    expect(operator.shown()).toContain('The secret before it counts until 2026-01-02T00:00:00.000Z.');
    expect(asked()[0]?.body).toEqual({ overlapHours: 24 });
  });

  it('can end the old secret at once, and extend the key', async () => {
    operator.services.answers.set('/v1/api-keys/k1/rotate', rotated);
    await run('rotate', 'k1', '--overlap-hours', '0', '--days', '90');
    expect(asked()[0]?.body).toEqual({ overlapHours: 0, expiresAt: expect.stringMatching(/Z$/) });
  });
});

describe('keys revoke', () => {
  it('ends a key', async () => {
    operator.services.answers.set('/v1/api-keys/k%201/revoke', () => listed('k 1'));
    await run('revoke', 'k 1');
    expect(operator.shown()).toBe('k 1 is revoked, in every process within 5 s\n');
  });

  it('reports why it cannot', async () => {
    await expect(run('revoke', 'k1')).rejects.toThrow('ENGINE.UNAVAILABLE');
  });
});
