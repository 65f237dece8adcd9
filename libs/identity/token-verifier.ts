import { errors, type JWTPayload, jwtVerify } from 'jose';
import { isTenant, parseStreamName } from '#libs/core/entity-id.js';
import { ProblemError } from '#libs/core/problem-error.js';
import type { Caller } from './caller.js';
import { showTokenCheck } from './identity-metrics.js';
import type { IssuerKeys } from './issuer-keys.js';
import { type Refusal, UnauthenticatedError } from './unauthenticated-error.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Signatures by a private key only: a shared secret would let every service make tokens. */
export const ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256'] as const;

const MAX_LENGTH = 8 * 1024;
const CLOCK_SKEW_SECONDS = 30;
/** However long its `exp` allows, a token is refused so long after it was issued. */
const MAX_AGE_SECONDS = 24 * 60 * 60;

/** The id of a user: visible ASCII, as OpenID Connect limits it. */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;
/**
 * Ids that no user has: those of services, API keys, operators in other tenants and the system, and
 * that of all callers while access control is off.
 */
const RESERVED = /^(?:service:|key:|operator:|system:|anonymous$)/;

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JWKS_NO_MATCHING_KEY: 'unknown key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'unknown key',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWT_EXPIRED: 'expired',
};
const REFUSALS_OF_CLAIMS: Readonly<Record<string, Refusal>> = {
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not yet valid',
  iat: 'not yet valid',
};

/** What a valid token says. */
export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly (typeof ALGORITHMS)[number][];
  /** The names of the claims that hold the tenant and the roles. */
  readonly tenantClaim: string;
  readonly rolesClaim: string;
}

/** Verifies access tokens: signed JWTs of one issuer. */
export class TokenVerifier {
  constructor(
    private readonly rules: TokenRules,
    private readonly keys: Pick<IssuerKeys, 'find' | 'fresh'>,
    private readonly now: () => number = Date.now,
    private readonly verified = new VerifiedTokens(),
  ) {}

  /** The caller to whom a token was issued. Throws {@link UnauthenticatedError}. */
  async verify(token: string): Promise<Caller> {
    if (token.length > MAX_LENGTH) throw new UnauthenticatedError('malformed');
    const { fresh: keys } = this.keys;
    const known = keys && this.verified.callerOf(token, keys, this.now() / 1_000);
    if (known) {
      showTokenCheck('cache');
      return known;
    }
    const payload = await this.claimsOf(token);
    const caller = this.callerIn(payload);
    // If the keys were fetched meanwhile, it is not known whether they still include that of the
    // token.
    if (keys && keys === this.keys.fresh) {
      this.verified.keep(token, { caller, keys, until: endOf(payload) });
    }
    showTokenCheck('signature');
    return caller;
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    const { issuer, audience, algorithms } = this.rules;
    try {
      const { payload } = await jwtVerify(token, this.keys.find, {
        issuer,
        audience,
        algorithms: [...algorithms],
        requiredClaims: ['exp', 'sub'],
        maxTokenAge: MAX_AGE_SECONDS,
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(this.now()),
      });
      return payload;
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new UnauthenticatedError(refusalFor(error));
    }
  }

  private callerIn(payload: JWTPayload): Caller {
    const { sub, kind = 'user' } = payload;
    if (typeof sub !== 'string' || !SUBJECT.test(sub)) throw new UnauthenticatedError('subject');
    const tenant = payload[this.rules.tenantClaim];
    if (typeof tenant !== 'string' || !isTenant(tenant)) throw new UnauthenticatedError('tenant');
    const roles = rolesIn(payload[this.rules.rolesClaim]);
    if (kind === 'service') return { tenant, id: `service:${sub}`, kind, roles };
    if (kind !== 'user') throw new UnauthenticatedError('claims');
    if (isReserved(sub, tenant)) throw new UnauthenticatedError('subject');
    return { tenant, id: sub, kind, roles };
  }
}

/**
 * Whether a user with this id could pass for another kind of actor. Sagas, flows and other entities
 * act under the names of their streams, within their tenant.
 */
function isReserved(sub: string, tenant: string): boolean {
  return RESERVED.test(sub) || parseStreamName(sub)?.tenant === tenant;
}

/** When a valid token is refused, in seconds since 1970. */
function endOf({ exp = 0, iat = 0 }: JWTPayload): number {
  return Math.min(exp, iat + MAX_AGE_SECONDS) + CLOCK_SKEW_SECONDS;
}

function rolesIn(claim: unknown): readonly string[] {
  if (claim === undefined) return [];
  if (!Array.isArray(claim)) throw new UnauthenticatedError('claims');
  return claim.filter((role) => typeof role === 'string');
}

function refusalFor(error: unknown): Refusal {
  if (!(error instanceof errors.JOSEError)) return 'malformed';
  const known = REFUSALS[error.code];
  if (known) return known;
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'malformed';
  const isChecked = error.reason === 'check_failed' || error.claim === 'iss' || error.claim === 'aud';
  return (isChecked && REFUSALS_OF_CLAIMS[error.claim]) || 'claims';
}
