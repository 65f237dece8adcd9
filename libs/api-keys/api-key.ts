import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ID_BYTES = 12;
const SECRET_BYTES = 32;

/** The id of a key. It is no secret: logs and events show it. */
export const API_KEY_ID = /^[0-9a-f]{24}$/;

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

/**
 * Makes a secret for a key. Its holder sends `pk_<id>_<secret>`. The secret ends in a checksum of
 * all before it, so that a scanner of source code or logs can tell a key from other text.
 */
export function newSecret(id: string): NewSecret {
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  const body = `pk_${id}_${secret}`;
  return { key: body + checksumOf(body), hash: hashOf(secret) };
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
