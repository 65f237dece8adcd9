import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ID_BYTES = 12;
const SECRET_BYTES = 32;

/** The id of a key. It is no secret: logs and events show it. */
export const API_KEY_ID = /^[0-9a-f]{24}$/;

/**
 * A key as its holder sends it: `pk_<id>_<secret>`. The secret ends in a checksum of all before it,
 * so that a scanner of source code or logs can tell a key from other text, and a mistyped key is
 * refused without a query.
 */
const API_KEY = /^(pk_([0-9a-f]{24})_([0-9a-f]{64}))([0-9a-f]{8})$/;

/** What a presented key says: which key it is, and the hash of its secret. */
export interface PresentedKey {
  readonly id: string;
  readonly hash: Buffer;
}

/** A new secret for a key. */
export interface NewSecret {
  /** To be shown to its holder once, and not stored. */
  readonly key: string;
  readonly hash: Buffer;
}

/** A new id for a key. */
export function newKeyId(): string {
  return randomBytes(ID_BYTES).toString('hex');
}

/**
 * The id of the key that is made under an idempotency key: the same in the same scope, so that a
 * retry does not make a second one.
 */
export function derivedKeyId(scope: readonly string[]): string {
  return sha256(JSON.stringify(scope)).subarray(0, ID_BYTES).toString('hex');
}

/** Makes a secret for a key. */
export function newSecret(id: string): NewSecret {
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  const body = `pk_${id}_${secret}`;
  return { key: body + checksumOf(body), hash: hashOf(secret) };
}

/** Reads a presented key. Undefined if it does not have the form of a key. */
export function parseApiKey(text: string): PresentedKey | undefined {
  const [, body = '', id = '', secret = '', checksum] = API_KEY.exec(text) ?? [];
  return checksum !== undefined && checksum === checksumOf(body) ? { id, hash: hashOf(secret) } : undefined;
}

/** Compares two hashes in constant time. */
export function isSameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * The stored form of a secret. Slow, salted hashes (argon2, bcrypt) protect passwords, of which
 * there are few that people choose. A secret is 256 random bits: no list holds it, and nobody can
 * try as many as there are. A slow hash would only make each request slow.
 */
function hashOf(secret: string): Buffer {
  return sha256(secret);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
