import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { API_KEY_ID, derivedKeyId, newKeyId, newSecret } from './api-key.js';

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

  it('has another secret each time', () => {
    const keys = Array.from({ length: 1_000 }, () => newSecret(ID).key);
    expect(new Set(keys).size).toBe(keys.length);
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
