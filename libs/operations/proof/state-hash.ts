import { createHash } from 'node:crypto';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { Json } from '#libs/core/json.js';

/**
 * A digest of a state, independent of the order of its fields: SHA-256 of its canonical JSON, in
 * hex.
 */
export function stateHash(state: Json): string {
  return createHash('sha256').update(canonicalJson(state)).digest('hex');
}
