import type { IncomingHttpHeaders } from 'node:http';
import { ANONYMOUS } from '#libs/core/acting.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import type { Caller } from './caller.js';

/** Finds out who sends a request. A class, so that Nest can inject it. */
export abstract class Authenticator {
  /**
   * Throws a problem: `ACCESS.UNAUTHENTICATED` without a valid credential, `ENGINE.UNAVAILABLE` if
   * it cannot be checked at present.
   */
  abstract authenticate(headers: IncomingHttpHeaders): Promise<Caller>;
}

const NOBODY: Caller = { tenant: DEFAULT_TENANT, id: ANONYMOUS, kind: 'anonymous', roles: [] };

/** While access control is off, everybody may do everything. */
export class AnonymousAuthenticator extends Authenticator {
  async authenticate(): Promise<Caller> {
    return NOBODY;
  }
}
