import { Counter, Gauge } from 'prom-client';
import { UnauthenticatedError } from './unauthenticated-error.js';

const refused = new Counter({
  name: 'perdure_credentials_refused_total',
  help: 'Credentials that were missing or not valid, by reason',
  labelNames: ['reason'],
});

const fetches = new Counter({
  name: 'perdure_issuer_key_fetches_total',
  help: 'Attempts to fetch the keys of the token issuer, by result: ok or failed',
  labelNames: ['result'],
});

const fetchedAt = new Gauge({
  name: 'perdure_issuer_keys_fetched_seconds',
  help: 'Time of the last successful fetch of the keys of the token issuer, in seconds since 1970',
});

const checks = new Counter({
  name: 'perdure_token_checks_total',
  help: 'Valid access tokens by what proved them: their signature, or the cache of verified tokens',
  labelNames: ['by'],
});

const dropped = new Counter({
  name: 'perdure_verified_tokens_dropped_total',
  help: 'Verified access tokens for which the cache had no room',
});

/** The result of checking a credential. Counts it if it is refused. */
export async function countingRefusals<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof UnauthenticatedError) refused.inc({ reason: error.refusal });
    throw error;
  }
}

/** Counts an attempt to fetch the keys of the token issuer. */
export function showKeyFetch(isOk: boolean): void {
  fetches.inc({ result: isOk ? 'ok' : 'failed' });
  if (isOk) fetchedAt.setToCurrentTime();
}

/** Counts a valid token. */
export function showTokenCheck(by: 'signature' | 'cache'): void {
  checks.inc({ by });
}

/** Counts a token that was dropped from the cache for another. */
export function showDroppedToken(): void {
  dropped.inc();
}
