import { EngineUnavailableError, EntityBusyError } from '#libs/entity-client/entity-gateway.js';
import { InvalidCursorError } from '#libs/read-model/read-model.errors.js';
import { Problem } from './problem.js';
import { invalid, requestProblem } from './request-problems.js';

/** What frameworks throw: a status, and fastify's own code. */
interface FrameworkError {
  readonly statusCode?: number;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Every failure as a problem. What is not known here is a defect: its text stays in the log. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof EngineUnavailableError) return engineAway(error.engine, error.retryAfterSeconds);
  if (error instanceof EntityBusyError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return requestProblem('ENTITY.BUSY', error.message, { headers });
  }
  if (error instanceof InvalidCursorError) {
    return invalid('REQUEST.INVALID_QUERY', [{ parameter: 'cursor', detail: error.message }]);
  }
  if (isDatabaseAway(error)) return engineAway('postgres', 2);
  return fromFramework(error as FrameworkError);
}

/** The answer while a server is away. */
export function engineAway(engine: string, retryAfterSeconds: number): Problem {
  const headers = { 'retry-after': String(retryAfterSeconds) };
  return requestProblem('ENGINE.UNAVAILABLE', `${engine} does not answer`, { headers, members: { engine } });
}

function fromFramework({ statusCode, status, message }: FrameworkError): Problem {
  switch (statusCode ?? status) {
    case 400:
      return requestProblem('REQUEST.INVALID', message ?? 'bad request');
    case 404:
      return requestProblem('ROUTE.NOT_FOUND', 'there is nothing at this address');
    case 408:
      return requestProblem('REQUEST.TIMEOUT', 'the request took too long to arrive');
    case 413:
      return requestProblem('REQUEST.TOO_LARGE', 'a body may have 64 KB');
    case 415:
      return requestProblem('REQUEST.UNSUPPORTED_MEDIA_TYPE', 'send the body as application/json');
    default:
      return requestProblem('INTERNAL.DEFECT', 'the request failed; nothing was changed by it');
  }
}

const CONNECTION_CODES = /^(ECONN\w+|ETIMEDOUT|EPIPE|ENOTFOUND|57P0[123]|08\w{3}|53300)$/;

/** `pg` throws the socket's or the server's own code. */
function isDatabaseAway(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as FrameworkError;
  return (
    (typeof code === 'string' && CONNECTION_CODES.test(code)) ||
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(message)
  );
}
