import { sha256 as digestOf } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/**
 * SHA-256 of a text in UTF-8, in hexadecimal digits. Rules may use it, while `node:crypto` is not
 * available to them.
 */
export function sha256(text: string): string {
  return bytesToHex(digestOf(new TextEncoder().encode(text)));
}
