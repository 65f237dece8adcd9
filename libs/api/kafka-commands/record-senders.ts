import type { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import type { RawRecord } from '#libs/kafka/kafka.js';
import { headerOf } from './record-headers.js';

/** The header with the credential of a record's sender. Dead letters leave it out. */
const CREDENTIAL = 'authorization';

/** The sender of everything while access control is off. */
const NOBODY_IN_PARTICULAR = 'kafka';

/**
 * Finds out who sent a record: the caller that its credential proves, or else the identity that the
 * topics are bound to.
 */
export class RecordSenders {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly bound?: Caller | undefined,
  ) {}

  /**
   * Throws a problem if there is neither, or the credential is not valid, and `UnavailableError` if
   * it cannot be checked at present.
   */
  async senderOf(raw: RawRecord): Promise<Caller> {
    const authorization = headerOf(raw, CREDENTIAL);
    if (authorization === undefined && this.bound) return this.bound;
    const caller = await this.authenticator.authenticate({
      ...(authorization !== undefined && { authorization }),
    });
    return caller.kind === 'anonymous' ? { ...caller, id: NOBODY_IN_PARTICULAR } : caller;
  }
}
