import {
  EngineUnavailableError,
  EntityBusyError,
  OutcomeUnknownError,
} from '#libs/entity/gateway/entity-gateway.js';
import { FeedsClosedError } from '#libs/event-store/feeds/event-feed.errors.js';
import { StoreUnavailableError, UnknownOutcomeError } from '#libs/event-store/event-store.errors.js';
import { KafkaUnavailableError, TopicsRefusedError } from '#libs/kafka/kafka.errors.js';
import { UnknownVersionError } from '#libs/core/upcast.js';
import { InvalidCursorError, TransactionTimeoutError } from '#libs/read-model/read-model.errors.js';
import { Problem } from './problem.js';
import { invalid, requestProblem } from './request-problems.js';

const RETRY_AFTER_SECONDS = 2;

/** What frameworks throw: a status, and a code of their own. */
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
  const away = awayOf(error);
  if (away !== undefined) return engineAway(away);
  if (error instanceof EntityBusyError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return requestProblem('ENTITY.BUSY', error.message, { headers });
  }
  if (error instanceof OutcomeUnknownError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    const members = { commandId: error.commandIds[0] };
    return requestProblem('COMMAND.OUTCOME_UNKNOWN', error.message, { headers, members });
  }
  if (error instanceof UnknownVersionError) {
    const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
    return requestProblem('EVENT.UNKNOWN_VERSION', error.message, { headers });
  }
  if (error instanceof InvalidCursorError) {
    return invalid('REQUEST.INVALID_QUERY', [{ parameter: 'cursor', detail: error.message }]);
  }
  const { statusCode, status = statusCode, code, message = '' } = (error ?? {}) as FrameworkError;
  if (status !== undefined) return fromStatus(status, message);
  return fromDatabase(code, message) ?? defect();
}

/** The server whose client says that it is away. */
function awayOf(error: unknown): string | undefined {
  if (error instanceof StoreUnavailableError || error instanceof UnknownOutcomeError) return 'event-store';
  if (error instanceof KafkaUnavailableError || error instanceof TopicsRefusedError) return 'kafka';
  if (error instanceof TransactionTimeoutError) return 'postgres';
  if (error instanceof FeedsClosedError) return 'service';
  return undefined;
}

/** The answer while a server is away. */
export function engineAway(engine: string, retryAfterSeconds = RETRY_AFTER_SECONDS): Problem {
  const headers = { 'retry-after': String(retryAfterSeconds) };
  return requestProblem('ENGINE.UNAVAILABLE', `${engine} does not answer`, { headers, members: { engine } });
}

/** What the framework or the HTTP parser refuses by a status. A status of 4xx never becomes a defect of ours. */
export function fromStatus(status: number, message: string): Problem {
  switch (status) {
    case 404:
      return requestProblem('ROUTE.NOT_FOUND', 'there is nothing at this address');
    case 408:
      return requestProblem('REQUEST.TIMEOUT', 'the request took too long to arrive');
    case 413:
      return requestProblem('REQUEST.TOO_LARGE', 'a body may have 64 KB');
    case 414:
      return requestProblem('REQUEST.URI_TOO_LONG', 'a part of the address is too long');
    case 415:
      return requestProblem('REQUEST.UNSUPPORTED_MEDIA_TYPE', 'send the body as application/json');
    case 431:
      return requestProblem('REQUEST.HEADERS_TOO_LARGE', 'headers may have 16 KB');
    default:
      return status >= 400 && status < 500 ? requestProblem('REQUEST.INVALID', message) : defect();
  }
}

function defect(): Problem {
  return requestProblem('INTERNAL.DEFECT', 'the request failed; nothing was changed by it');
}

const AWAY = /^(ECONN\w+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|57P0[123]|57014|08\w{3}|53300)$/;
const AWAY_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after)/;
/** The schema or table of a read model is not there: its projector never ran on this database. */
const NOT_SET_UP = /^(3F000|42P01)$/;

/** `pg` throws the socket's or the server's own code. */
function fromDatabase(code: unknown, message: string): Problem | undefined {
  if (typeof code === 'string' && NOT_SET_UP.test(code)) return engineAway('projector');
  const isAway = (typeof code === 'string' && AWAY.test(code)) || AWAY_MESSAGE.test(message);
  return isAway ? engineAway('postgres') : undefined;
}
