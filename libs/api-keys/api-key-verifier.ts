import type { Caller } from '#libs/identity/caller.js';
import { type Refusal, UnauthenticatedError } from '#libs/identity/unauthenticated-error.js';
import { isSameHash, parseApiKey, type PresentedKey } from './api-key.js';
import type { ApiKeyCache } from './api-key-cache.js';
import type { CheckedKey } from './api-key-store.js';
import type { ApiKeyUses } from './api-key-uses.js';

export interface ApiKeyVerifierOptions {
  readonly cache: Pick<ApiKeyCache, 'find'>;
  readonly uses: Pick<ApiKeyUses, 'note'>;
  readonly now?: () => number;
}

/** Verifies API keys. */
export class ApiKeyVerifier {
  constructor(private readonly options: ApiKeyVerifierOptions) {}

  /**
   * The caller that a key stands for. Throws {@link UnauthenticatedError}, or an
   * `UnavailableError` if PostgreSQL does not answer.
   */
  async verify(text: string): Promise<Caller> {
    const { cache, uses, now = Date.now } = this.options;
    const presented = parseApiKey(text);
    if (!presented) throw new UnauthenticatedError('malformed');
    const key = await cache.find(presented.id);
    const caller = `key:${presented.id}`;
    if (!key) throw new UnauthenticatedError('unknown key', caller);
    const at = new Date(now());
    const refusal = refusalOf(key, presented, at);
    if (refusal) throw new UnauthenticatedError(refusal, caller);
    uses.note(key.id, at);
    return { tenant: key.tenant, id: caller, kind: 'api-key', roles: key.roles };
  }
}

function refusalOf(key: CheckedKey, { hash }: PresentedKey, at: Date): Refusal | undefined {
  const isCurrent = isSameHash(key.hash, hash);
  const isPrevious = key.previousHash !== null && isSameHash(key.previousHash, hash);
  if (!isCurrent && !isPrevious) return 'secret';
  if (key.revokedAt !== null) return 'revoked';
  if (key.expiresAt <= at) return 'expired';
  const isReplaced = !isCurrent && (key.previousUntil === null || key.previousUntil <= at);
  return isReplaced ? 'replaced' : undefined;
}
