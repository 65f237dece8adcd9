import type { IncomingHttpHeaders } from 'node:http';
import { Authenticator } from './authenticator.js';
import type { Caller } from './caller.js';
import { countingRefusals } from './identity-metrics.js';
import type { TokenVerifier } from './token-verifier.js';
import { UnauthenticatedError } from './unauthenticated-error.js';

const BEARER = /^Bearer +([^ ]+) *$/i;

/** Takes the bearer token of a request (RFC 6750). */
export class TokenAuthenticator extends Authenticator {
  constructor(private readonly tokens: TokenVerifier) {
    super();
  }

  async authenticate({ authorization }: IncomingHttpHeaders): Promise<Caller> {
    return countingRefusals(async () => this.tokens.verify(bearerOf(authorization)));
  }
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) throw new UnauthenticatedError('missing');
  const [, token] = BEARER.exec(authorization) ?? [];
  if (token === undefined) throw new UnauthenticatedError('malformed');
  return token;
}
