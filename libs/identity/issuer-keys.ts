import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { UnavailableError } from '#libs/core/problems.js';
import type { Logger } from '#libs/runtime/logger.js';
import { readReply } from '#libs/runtime/read-reply.js';
import { showKeyFetch } from './identity-metrics.js';

const SECOND = 1_000;
/** How long all requests of one fetch may take. */
const PATIENCE_MILLISECONDS = 2 * SECOND;
/** Keys older than this are fetched again. */
const FRESH_MILLISECONDS = 5 * 60 * SECOND;
/** How long keys are used while the issuer does not answer. */
const KEPT_MILLISECONDS = 60 * 60 * SECOND;
/** The pause between two fetches, and after a fetch that failed. */
const PAUSE_MILLISECONDS = 30 * SECOND;
const RETRY_MILLISECONDS = 5 * SECOND;
/** The size of a document. */
const MAX_BYTES = 256 * 1024;

/** Where an issuer publishes its keys. Without a `jwksUrl`, its discovery document says it. */
export interface KeyAddress {
  readonly issuer: string;
  readonly jwksUrl?: string | undefined;
}

interface Fetched {
  readonly find: JWTVerifyGetKey;
  readonly at: number;
}

/**
 * The public keys of a token issuer. They are cached, and fetched again every 5 minutes and for an
 * unknown key, at most every 30 s. While the issuer does not answer, they are used for up to an
 * hour.
 */
export class IssuerKeys {
  private fetched: Fetched | undefined;
  private fetching: Promise<void> | undefined;
  private triedAt = -Infinity;
  private hasFailed = false;

  constructor(
    private readonly address: KeyAddress,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {}

  /** The key that a token's header names. Throws `UnavailableError` without usable keys. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.age() > FRESH_MILLISECONDS) {
      const refreshed = this.refresh();
      // While the issuer is away, requests do not wait for it.
      if (!this.hasFailed || this.age() > KEPT_MILLISECONDS) await refreshed;
    }
    try {
      return await this.usable().find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.refresh())) throw error;
      return this.usable().find(header, token);
    }
  };

  /** The keys in use: the same object until they are fetched again. Undefined once that is due. */
  get fresh(): object | undefined {
    return this.age() > FRESH_MILLISECONDS ? undefined : this.fetched;
  }

  private age(): number {
    return this.fetched ? this.now() - this.fetched.at : Infinity;
  }

  private usable(): Fetched {
    if (!this.fetched || this.age() > KEPT_MILLISECONDS) throw new UnavailableError('the token issuer');
    return this.fetched;
  }

  /** Fetches the keys, or joins a fetch in progress. Does nothing and returns false in a pause. */
  private async refresh(): Promise<boolean> {
    const pause = this.hasFailed ? RETRY_MILLISECONDS : PAUSE_MILLISECONDS;
    if (!this.fetching && this.now() - this.triedAt < pause) return false;
    this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
    await this.fetching;
    return true;
  }

  private async fetch(): Promise<void> {
    this.triedAt = this.now();
    try {
      const find = createLocalJWKSet((await documentOf(this.address)) as JSONWebKeySet);
      this.fetched = { find, at: this.now() };
      this.hasFailed = false;
    } catch (error) {
      this.hasFailed = true;
      const { issuer, jwksUrl } = this.address;
      this.logger.warn(
        { err: error, address: jwksUrl ?? issuer },
        'the keys of the token issuer cannot be fetched',
      );
    }
    showKeyFetch(!this.hasFailed);
  }
}

async function documentOf({ issuer, jwksUrl }: KeyAddress): Promise<unknown> {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  return jsonAt(jwksUrl ?? (await discovered(issuer, signal)), signal);
}

/** The address of the keys, from a discovery document (OpenID Connect Discovery 1.0). */
async function discovered(issuer: string, signal: AbortSignal): Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = (await jsonAt(address, signal)) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
  if (found.issuer !== issuer) throw new Error(`${address} is of another issuer: ${String(found.issuer)}`);
  if (typeof found.jwks_uri !== 'string') throw new Error(`${address} has no jwks_uri`);
  if (issuer.startsWith('https:') && !found.jwks_uri.startsWith('https:')) {
    throw new Error(`the jwks_uri in ${address} is not https`);
  }
  return found.jwks_uri;
}

async function jsonAt(address: string, signal: AbortSignal): Promise<unknown> {
  const headers = { accept: 'application/json' };
  const response = await fetch(address, { redirect: 'error', signal, headers });
  if (response.status !== 200 || !response.body) throw new Error(`${address} answered ${response.status}`);
  const { text, isWhole } = await readReply(response, MAX_BYTES);
  if (!isWhole) throw new Error(`${address} is larger than ${MAX_BYTES} bytes`);
  return JSON.parse(text);
}
