import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { databaseProblem } from '#libs/read-model/database-problem.js';

/** The fields of errors from frameworks. */
interface ForeignError {
  readonly statusCode?: number;
  readonly status?: number;
  readonly message?: string;
}

/** Converts an error to a problem. An unknown error becomes an internal one, without its text. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const { statusCode, status = statusCode, message = '' } = (error ?? {}) as ForeignError;
  if (status !== undefined) return fromStatus(status, message);
  return databaseProblem(error) ?? internalError();
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
