import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';

/** Why a credential was refused. Metrics and logs show it; clients do not learn it. */
export type Refusal =
  | 'missing'
  | 'malformed'
  | 'algorithm'
  | 'unknown key'
  | 'secret'
  | 'replaced'
  | 'revoked'
  | 'signature'
  | 'expired'
  | 'not yet valid'
  | 'issuer'
  | 'audience'
  | 'claims'
  | 'subject'
  | 'tenant';

const DETAIL = 'a valid credential is required';
const CHALLENGE = 'Bearer realm="perdure"';

/** A request without a valid credential. Its answer is the same for every reason (RFC 6750). */
export class UnauthenticatedError extends ProblemError {
  override readonly name = 'UnauthenticatedError';

  /** `of`: which credential it was, for the log, if that is no secret. */
  constructor(
    readonly refusal: Refusal,
    of?: string,
  ) {
    const challenge = refusal === 'missing' ? CHALLENGE : `${CHALLENGE}, error="invalid_token"`;
    const message = `refused: ${refusal}${of === undefined ? '' : ` (${of})`}`;
    const headers = { 'www-authenticate': challenge };
    super(problems.unauthenticated, DETAIL, { headers }, { message });
  }
}
