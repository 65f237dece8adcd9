import { z } from 'zod';
import type { HealthCheck } from '#libs/api/http/health.controller.js';
import { ConfigError } from '#libs/api/http/read-config.js';
import { AnonymousAuthenticator, type Authenticator } from '#libs/identity/authenticator.js';
import { ApiKeyAuthenticator } from '#libs/api-keys/api-key-authenticator.js';
import type { ApiKeyVerifier } from '#libs/api-keys/api-key-verifier.js';
import { IssuerKeys } from '#libs/identity/issuer-keys.js';
import { TokenAuthenticator } from '#libs/identity/token-authenticator.js';
import { ALGORITHMS, TokenVerifier } from '#libs/identity/token-verifier.js';
import { isLoopback } from '#libs/runtime/is-loopback.js';
import type { Logger } from '#libs/runtime/logger.js';

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

/** The environment variables that say how callers prove who they are. */
export const authVariables = {
  AUTH: z.enum(['on', 'off'], 'must be on or off').default('on'),
  /** The `iss` of the tokens, and the address below which its discovery document is. */
  AUTH_ISSUER: address.optional(),
  AUTH_AUDIENCE: z.string().default('perdure'),
  /** The address of the issuer's keys, if there is no discovery document. */
  AUTH_JWKS_URL: address.optional(),
  /** Whether the issuer may be asked over http on another machine (off). */
  AUTH_ISSUER_TLS: z.enum(['on', 'off'], 'must be on or off').default('on'),
  AUTH_ALGORITHMS: z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(ALGORITHMS, `must list some of ${ALGORITHMS.join(', ')}`)).min(1))
    .default([...ALGORITHMS]),
  AUTH_TENANT_CLAIM: z.string().default('tenant'),
  AUTH_ROLES_CLAIM: z.string().default('roles'),
};

/** The configuration of access control, and where the service listens. */
export type AuthConfig = z.output<z.ZodObject<typeof authVariables>> & { readonly HOST: string };

/** The text with which a service shows that access control is off. */
export const AUTH_OFF = 'AUTH=off: everybody who reaches this service may do everything';

/** Shows in `/health/ready` that access control is off. */
export function accessChecks({ AUTH }: AuthConfig): readonly HealthCheck[] {
  if (AUTH === 'on') return [];
  return [{ name: 'access-control', isNeeded: false, check: async () => ({ ok: false, detail: AUTH_OFF }) }];
}

/** What finds out who sends a request. Throws `ConfigError` if the configuration is not safe. */
export function authenticatorFor(
  config: AuthConfig,
  apiKeys: Pick<ApiKeyVerifier, 'verify'>,
  logger: Logger,
): Authenticator {
  if (config.AUTH === 'off') {
    if (!isLoopback(config.HOST)) {
      throw new ConfigError(`AUTH: off is for loopback addresses only, and HOST is ${config.HOST}`);
    }
    logger.warn(AUTH_OFF);
    return new AnonymousAuthenticator();
  }
  const { AUTH_ISSUER: issuer, AUTH_JWKS_URL: jwksUrl, AUTH_ISSUER_TLS: tls } = config;
  if (issuer === undefined) {
    throw new ConfigError('AUTH_ISSUER: is missing; it is the address of the issuer of access tokens');
  }
  for (const [name, url] of Object.entries({ AUTH_ISSUER: issuer, AUTH_JWKS_URL: jwksUrl })) {
    if (url === undefined || tls === 'off' || isTrustworthy(new URL(url))) continue;
    throw new ConfigError(`${name}: must begin with https://, or have a loopback address`);
  }
  const rules = {
    issuer,
    audience: config.AUTH_AUDIENCE,
    algorithms: config.AUTH_ALGORITHMS,
    tenantClaim: config.AUTH_TENANT_CLAIM,
    rolesClaim: config.AUTH_ROLES_CLAIM,
  };
  const tokens = new TokenVerifier(rules, new IssuerKeys({ issuer, jwksUrl }, logger));
  return new ApiKeyAuthenticator(apiKeys, new TokenAuthenticator(tokens));
}

/** Nobody between here and the issuer can exchange its keys. */
function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'));
}
