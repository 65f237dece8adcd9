import { ProblemError } from '#libs/core/problem-error.js';
import { type Timestamp, toMilliseconds } from '#libs/core/timestamp.js';
import type { Page } from '#libs/read-model/page.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { Caller } from '#libs/identity/caller.js';
import { API_KEY_ID, derivedKeyId, newKeyId, newSecret } from './api-key.js';
import { apiKeyProblems } from './api-key-problems.js';
import type { ApiKey, ApiKeyStore, KeyOfTenant } from './api-key-store.js';

const DAY_MILLISECONDS = 86_400_000;
/** The longest that a key may be valid. */
const MAX_DAYS = 365;
/** The most keys of a tenant that are neither revoked nor expired. */
const MAX_KEYS = 1_000;

/** A key with its secret, which is shown this once. */
export interface ShownApiKey extends ApiKey {
  readonly key: string;
}

/** What a new key is to be. */
export interface ApiKeyRequest {
  readonly name: string;
  /** Callers that may make keys may grant any role. */
  readonly roles: readonly string[];
  readonly expiresAt: Timestamp;
}

/** How a key gets a new secret. */
export interface RotationRequest {
  /** How much longer the secret before it counts. */
  readonly overlapSeconds: number;
  /** Unchanged if absent. */
  readonly expiresAt?: Timestamp | undefined;
}

export interface ApiKeysOptions {
  readonly store: ApiKeyStore;
  readonly logger: Logger;
  readonly now?: () => number;
}

/**
 * Manages the API keys of a caller's tenant. The secret of a key is returned once, and then only
 * its hash is known: a retry under the same idempotency key changes nothing, but cannot get the
 * secret again. Throws problems.
 */
export class ApiKeys {
  constructor(private readonly options: ApiKeysOptions) {}

  async create(caller: Caller, request: ApiKeyRequest, idempotencyKey?: string): Promise<ShownApiKey> {
    this.checkExpiry(request.expiresAt);
    const scope = idempotencyKey !== undefined && [caller.tenant, caller.id, 'create', idempotencyKey];
    const id = scope ? derivedKeyId(scope) : newKeyId();
    const { key, hash } = newSecret(id);
    const named = keyOf(caller, id);
    const { store } = this.options;
    const created = await store.create({ ...named, ...request, hash, most: MAX_KEYS });
    if (created) {
      const { roles, expiresAt } = request;
      this.options.logger.info({ ...shown(named), roles, expires: expiresAt }, 'an API key was created');
      return { ...created, key };
    }
    if (await store.find(caller.tenant, id)) throw alreadyShown(id);
    throw new ProblemError(apiKeyProblems.tooMany, `a tenant may have ${MAX_KEYS} active keys`);
  }

  /** The keys of the tenant, the latest first. */
  list({ tenant }: Caller, limit: number, cursor?: string): Promise<Page<ApiKey>> {
    return this.options.store.list(tenant, limit, cursor);
  }

  async rotate(
    caller: Caller,
    id: string,
    { overlapSeconds, expiresAt }: RotationRequest,
    idempotencyKey?: string,
  ): Promise<ShownApiKey> {
    if (!API_KEY_ID.test(id)) throw notFound(id);
    if (expiresAt !== undefined) this.checkExpiry(expiresAt);
    const { store, logger } = this.options;
    const named = keyOf(caller, id);
    const rotation = idempotencyKey === undefined ? undefined : derivedKeyId([caller.id, idempotencyKey]);
    const { key, hash } = newSecret(id);
    const rotated = await store.rotate({ ...named, hash, overlapSeconds, expiresAt, rotation });
    if (rotated) {
      logger.info({ ...shown(named), overlapSeconds, expires: expiresAt }, 'an API key was rotated');
      return { ...rotated, key };
    }
    if (!(await store.find(caller.tenant, id))) throw notFound(id);
    if (rotation !== undefined && (await store.isRotated(named, rotation))) throw alreadyShown(id);
    throw new ProblemError(apiKeyProblems.ended, `${id} was revoked or has expired; create another key`);
  }

  /** A key that was revoked before stays as it is. */
  async revoke(caller: Caller, id: string): Promise<ApiKey> {
    const { store, logger } = this.options;
    const named = keyOf(caller, id);
    const revoked = await store.revoke(named);
    if (!revoked) throw notFound(id);
    logger.info(shown(named), 'an API key was revoked');
    return revoked;
  }

  private checkExpiry(expiresAt: Timestamp): void {
    const { now = Date.now } = this.options;
    const left = toMilliseconds(expiresAt) - now();
    if (left > 0 && left <= MAX_DAYS * DAY_MILLISECONDS) return;
    throw new ProblemError(
      apiKeyProblems.invalidExpiry,
      `expiresAt must be in the future, and at most ${MAX_DAYS} days away`,
    );
  }
}

function keyOf({ tenant, id: actor }: Caller, id: string): KeyOfTenant {
  return { tenant, id, actor };
}

/** A key, as a log names it. */
function shown({ tenant, id, actor }: KeyOfTenant) {
  return { tenant, apiKey: id, actor };
}

function notFound(id: string): Error {
  return new ProblemError(apiKeyProblems.notFound, `there is no API key ${id}`);
}

function alreadyShown(id: string): Error {
  const detail = `${id} has a secret that was shown before; rotate the key to get another one`;
  return new ProblemError(apiKeyProblems.alreadyShown, detail, { members: { id } });
}
