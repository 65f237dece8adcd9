import { beforeEach, describe, expect, it } from '@jest/globals';
import { AnonymousAuthenticator } from '#libs/identity/authenticator.js';
import { newKeyId, newSecret } from './api-key.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import type { CheckedKey } from './api-key-store.js';
import { ApiKeyVerifier } from './api-key-verifier.js';

const NOW = Date.UTC(2026, 5, 1);
const after = (seconds: number) => new Date(NOW + seconds * 1_000);

const id = newKeyId();
const current = newSecret(id);
const previous = newSecret(id);
const valid: CheckedKey = {
  id,
  tenant: 'acme',
  roles: ['teller'],
  hash: current.hash,
  previousHash: previous.hash,
  previousUntil: after(1),
  expiresAt: after(1),
  revokedAt: null,
};
const caller = { tenant: 'acme', id: `key:${id}`, kind: 'api-key', roles: ['teller'] };

let stored: CheckedKey | Error | undefined;
let looked: string[];
let used: [string, Date][];
let verifier: ApiKeyVerifier;

beforeEach(() => {
  stored = valid;
  looked = [];
  used = [];
  const find = async (asked: string) => {
    looked.push(asked);
    if (stored instanceof Error) throw stored;
    return asked === id ? stored : undefined;
  };
  const note = (...use: [string, Date]) => void used.push(use);
  verifier = new ApiKeyVerifier({ cache: { find }, uses: { note }, now: () => NOW });
});

describe('a key', () => {
  it('stands for a caller with its tenant and its roles, and its use is noted', async () => {
    expect(await verifier.verify(current.key)).toEqual(caller);
    expect(used).toEqual([[id, new Date(NOW)]]);
  });

  it('counts with the secret before the last rotation, until the overlap ends', async () => {
    expect(await verifier.verify(previous.key)).toEqual(caller);
    stored = { ...valid, previousUntil: after(0) };
    await expect(verifier.verify(previous.key)).rejects.toMatchObject({ refusal: 'replaced' });
    expect(await verifier.verify(current.key)).toEqual(caller);
  });

  it.each<[string, string, CheckedKey | undefined, string]>([
    ['it does not exist', 'unknown key', undefined, current.key],
    ['its secret is another', 'secret', valid, newSecret(id).key],
    [
      'it was never rotated, and its secret is another',
      'secret',
      { ...valid, previousHash: null },
      previous.key,
    ],
    ['it was revoked', 'revoked', { ...valid, revokedAt: after(-1) }, current.key],
    ['it was revoked during an overlap', 'revoked', { ...valid, revokedAt: after(-1) }, previous.key],
    ['it has expired', 'expired', { ...valid, expiresAt: after(0) }, current.key],
    ['it has expired during an overlap', 'expired', { ...valid, expiresAt: after(0) }, previous.key],
  ])('is refused because %s', async (_, refusal, key, text) => {
    stored = key;
    await expect(verifier.verify(text)).rejects.toMatchObject({ status: 401, refusal });
    expect(used).toEqual([]);
  });

  it('is refused without a query if its form is wrong', async () => {
    await expect(verifier.verify(`${current.key.slice(0, -1)}x`)).rejects.toMatchObject({
      refusal: 'malformed',
    });
    expect(looked).toEqual([]);
  });

  it('is neither refused nor accepted while it cannot be looked up', async () => {
    stored = new Error('connect ECONNREFUSED');
    await expect(verifier.verify(current.key)).rejects.toBe(stored);
  });

  it('is named in the log if it is refused, without its secret', async () => {
    stored = { ...valid, previousUntil: after(0) };
    await expect(verifier.verify(previous.key)).rejects.toThrow(`refused: replaced (key:${id})`);
  });

  it('is refused with the same answer for every reason, which tells nothing of it', async () => {
    const problemOf = async (text: string) => {
      const error = await verifier.verify(text).catch((caught: unknown) => caught);
      const { code, status, title, detail, extras } = error as Record<string, unknown>;
      return { code, status, title, detail, extras };
    };
    const wrong = await problemOf(newSecret(id).key);
    expect(await problemOf(newSecret(newKeyId()).key)).toEqual(wrong);
    stored = { ...valid, revokedAt: after(-1) };
    expect(await problemOf(current.key)).toEqual(wrong);
    expect(JSON.stringify(wrong)).not.toContain(id);
  });
});

describe('a request', () => {
  const authenticate = (headers: Record<string, string>) =>
    new ApiKeyAuthenticator(verifier, new AnonymousAuthenticator()).authenticate(headers);

  it.each([
    ['Authorization', { authorization: `Bearer ${current.key}` }],
    ['Authorization, in any case', { authorization: `bearer ${current.key}` }],
    ['X-API-Key', { 'x-api-key': current.key }],
  ])('brings its key in %s', async (_, headers) => {
    expect(await authenticate(headers)).toEqual(caller);
  });

  it.each([
    ['a bearer token', { authorization: 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln' }],
    ['another scheme', { authorization: `Basic ${current.key}` }],
    ['nothing', {}],
  ])('is left to the other authenticator if it brings %s', async (_, headers) => {
    expect(await authenticate(headers)).toMatchObject({ kind: 'anonymous' });
    expect(looked).toEqual([]);
  });

  it.each([
    ['two credentials', { 'x-api-key': current.key, authorization: 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln' }],
    ['an empty key', { 'x-api-key': '' }],
    ['something else as a key', { 'x-api-key': 'secret' }],
    ['the beginning of a key', { authorization: 'Bearer pk_' }],
  ])('is refused if it brings %s', async (_, headers) => {
    await expect(authenticate(headers)).rejects.toMatchObject({ refusal: 'malformed' });
    expect(looked).toEqual([]);
  });
});
