import type { ProblemError } from '#libs/core/problem-error.js';
import { UnavailableError } from '#libs/core/problems.js';

const AWAY = /^(ECONN\w+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|57P0[123]|57014|08\w{3}|53300)$/;
const AWAY_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after)/;
/** The schema or table of a read model is missing: no projector has run on this database yet. */
const NOT_SET_UP = /^(3F000|42P01)$/;

/**
 * The problem for an error from `pg`, which carries the code of the socket or of PostgreSQL.
 * Undefined unless PostgreSQL is unavailable or not set up yet.
 */
export function databaseProblem(error: unknown): ProblemError | undefined {
  const { code, message = '' } = (error ?? {}) as { readonly code?: unknown; readonly message?: string };
  if (typeof code === 'string' && NOT_SET_UP.test(code)) return new UnavailableError('projector');
  const isAway = (typeof code === 'string' && AWAY.test(code)) || AWAY_MESSAGE.test(message);
  return isAway ? new UnavailableError('postgres') : undefined;
}
