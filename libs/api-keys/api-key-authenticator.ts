import type { IncomingHttpHeaders } from 'node:http';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { countingRefusals } from '#libs/identity/identity-metrics.js';
import { UnauthenticatedError } from '#libs/identity/unauthenticated-error.js';
import type { ApiKeyVerifier } from './api-key-verifier.js';

const HEADER = 'x-api-key';
const BEARER = /^Bearer +(pk_[^ ]*) *$/i;

/**
 * Takes an API key, as a bearer token or in `X-API-Key`, and leaves requests with other credentials
 * to another authenticator.
 */
export class ApiKeyAuthenticator extends Authenticator {
  constructor(
    private readonly keys: Pick<ApiKeyVerifier, 'verify'>,
    private readonly others: Authenticator,
  ) {
    super();
  }

  async authenticate(headers: IncomingHttpHeaders): Promise<Caller> {
    const key = keyIn(headers);
    if (key === undefined) return this.others.authenticate(headers);
    return countingRefusals(async () => {
      // One of two credentials would be ignored, and the sender might mean the other one.
      const isOnlyOne = headers[HEADER] === undefined || headers.authorization === undefined;
      if (!isOnlyOne) throw new UnauthenticatedError('malformed');
      return this.keys.verify(key);
    });
  }
}

function keyIn({ authorization, [HEADER]: given }: IncomingHttpHeaders): string | undefined {
  if (given !== undefined) return [given].flat().join(',');
  return BEARER.exec(authorization ?? '')?.[1];
}
