import { createHash } from 'node:crypto';
import { BoundedMap } from '#libs/runtime/bounded-map.js';
import type { Caller } from './caller.js';
import { showDroppedToken } from './identity-metrics.js';

/** Usually a few hundred bytes each. */
const MOST_KEPT = 10_000;

/** What a token has proved. */
interface Verified {
  readonly caller: Caller;
  /** The keys with which it was verified. */
  readonly keys: object;
  /** When it expires, in seconds since 1970. */
  readonly until: number;
}

/**
 * Tokens that were verified, by their SHA-256, so that requests with the same token need no
 * signature check. A token counts only until it expires, and only for the keys that verified it.
 * Forged tokens never get in, so they take no room from others.
 */
export class VerifiedTokens {
  private readonly byHash: BoundedMap<string, Verified>;

  constructor(most = MOST_KEPT) {
    this.byHash = new BoundedMap(most, showDroppedToken);
  }

  /** The caller of a token that these keys have verified, at a time in seconds since 1970. */
  callerOf(token: string, keys: object, now: number): Caller | undefined {
    const verified = this.byHash.get(hashOf(token));
    return verified && verified.keys === keys && now < verified.until ? verified.caller : undefined;
  }

  keep(token: string, verified: Verified): void {
    this.byHash.set(hashOf(token), verified);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
