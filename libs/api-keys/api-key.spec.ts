import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { API_KEY_ID, derivedKeyId, isSameHash, newKeyId, newSecret, parseApiKey } from './api-key.js';

const ID = '0123456789abcdef01234567';
const checksum = (text: string) => crc32(text).toString(16).padStart(8, '0');

describe('a key', () => {
  it('has a fixed form that a scanner can find and check', () => {
    for (let count = 0; count < 1_000; count += 1) {
      const { key } = newSecret(ID);
      expect(key).toMatch(/^pk_[0-9a-f]{24}_[0-9a-f]{72}$/);
      expect(checksum(key.slice(0, -8))).toBe(key.slice(-8));
    }
  });

  it('is read as its id and the hash of its secret', () => {
    const { key, hash } = newSecret(ID);
    expect(parseApiKey(key)).toEqual({ id: ID, hash });
    expect(hash).toHaveLength(32);
    expect(key).not.toContain(hash.toString('hex'));
  });

  it('has another secret each time', () => {
    const keys = Array.from({ length: 1_000 }, () => newSecret(ID).key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is refused if any one of its characters is another', () => {
    const { key } = newSecret(ID);
    for (let at = 0; at < key.length; at += 1) {
      const other = key[at] === '1' ? '2' : '1';
      expect(parseApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBeUndefined();
    }
  });

  it.each([
    ['nothing', ''],
    ['only its beginning', 'pk_'],
    ['upper case', newSecret(ID).key.toUpperCase()],
    ['more at the end', `${newSecret(ID).key}0`],
    ['a line after it', `${newSecret(ID).key}\n`],
    ['two at once', `${newSecret(ID).key},${newSecret(ID).key}`],
    ['a much longer text', `pk_${'0'.repeat(100_000)}`],
    ['a token', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'],
  ])('is refused: %s', (_, text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });
});

it('ids are random, or follow from a scope', () => {
  expect(newKeyId()).toMatch(API_KEY_ID);
  expect(newKeyId()).not.toBe(newKeyId());
  const derived = derivedKeyId(['default', 'alice', 'create', 'k1']);
  expect(derived).toMatch(API_KEY_ID);
  expect(derivedKeyId(['default', 'alice', 'create', 'k1'])).toBe(derived);
  expect(derivedKeyId(['default', 'alicecreate', '', 'k1'])).not.toBe(derived);
});

it('hashes are the same only if all of them is', () => {
  const hash = randomBytes(32);
  expect(isSameHash(hash, Buffer.from(hash))).toBe(true);
  expect(isSameHash(hash, randomBytes(32))).toBe(false);
  expect(isSameHash(hash, hash.subarray(0, 31))).toBe(false);
});
