import { createHash } from 'node:crypto';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { Json } from '#libs/core/json.js';

/** One short text for one state, whatever the order of its fields: SHA-256 of its canonical JSON, in hex. */
export function stateHash(state: Json): string {
  return createHash('sha256').update(canonicalJson(state)).digest('hex');
}
