import { ProblemError } from '#libs/core/problem-error.js';
import { problems, UnavailableError } from '#libs/core/problems.js';

/** The fields of errors from frameworks (`status` or `statusCode`) and from `pg` (`code`). */
interface ForeignError {
  readonly statusCode?: number;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Converts an error to a problem. An unknown error becomes an internal one, without its text. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const { statusCode, status = statusCode, code, message = '' } = (error ?? {}) as ForeignError;
  if (status !== undefined) return fromStatus(status, message);
  return fromDatabase(code, message) ?? internalError();
}

/** The problem for a status from the framework or the HTTP parser. */
export function fromStatus(status: number, message: string): ProblemError {
  switch (status) {
    case 404:
      return new ProblemError(problems.routeNotFound, 'there is nothing at this address');
    case 408:
      return new ProblemError(problems.timeout, 'the request took too long to arrive');
    case 413:
      return new ProblemError(problems.tooLarge, 'a body may have 64 KB');
    case 414:
      return new ProblemError(problems.uriTooLong, 'a part of the address is too long');
    case 415:
      return new ProblemError(problems.unsupportedMediaType, 'send the body as application/json');
    case 431:
      return new ProblemError(problems.headersTooLarge, 'headers may have 16 KB');
    default:
      if (status < 400 || status >= 500) return internalError();
      return new ProblemError(problems.invalidRequest, message);
  }
}

function internalError(): ProblemError {
  return new ProblemError(problems.internal, 'the request failed and changed nothing');
}

const AWAY = /^(ECONN\w+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|57P0[123]|57014|08\w{3}|53300)$/;
const AWAY_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after)/;
/** The schema or table of a read model is missing: no projector has run on this database yet. */
const NOT_SET_UP = /^(3F000|42P01)$/;

/** Errors from `pg` carry the codes of the socket or of PostgreSQL. */
function fromDatabase(code: unknown, message: string): ProblemError | undefined {
  if (typeof code === 'string' && NOT_SET_UP.test(code)) return new UnavailableError('projector');
  const isAway = (typeof code === 'string' && AWAY.test(code)) || AWAY_MESSAGE.test(message);
  return isAway ? new UnavailableError('postgres') : undefined;
}
