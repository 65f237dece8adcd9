import type { ProblemKind } from '#libs/core/problem-error.js';

/** Why a request about API keys is refused. Nothing was changed. */
export const apiKeyProblems = {
  notFound: { code: 'API_KEY.NOT_FOUND', status: 404, title: 'The tenant has no such API key' },
  ended: { code: 'API_KEY.ENDED', status: 409, title: 'The API key was revoked or has expired' },
  alreadyShown: {
    code: 'API_KEY.ALREADY_SHOWN',
    status: 409,
    title: 'The secret was shown to an earlier request with this idempotency key',
  },
  tooMany: { code: 'API_KEY.TOO_MANY', status: 409, title: 'The tenant has too many API keys' },
  invalidExpiry: {
    code: 'API_KEY.INVALID_EXPIRY',
    status: 422,
    title: 'An API key has to expire in the future, and within a year',
  },
} as const satisfies Record<string, ProblemKind>;
