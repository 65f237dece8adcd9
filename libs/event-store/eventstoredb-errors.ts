import { ErrorType, type WrongExpectedVersionError } from '@eventstore/db-client';
import {
  AppendRefusedError,
  StoreUnavailableError,
  UnknownOutcomeError,
  UnknownPositionError,
  WrongExpectedRevisionError,
} from './event-store.errors.js';

/** The parts that we examine: the client's error class if it has one, else the bare gRPC code. */
interface ClientError extends Error {
  readonly type?: ErrorType;
  readonly code?: number;
  /** The gRPC error that the client wrapped in its own class. */
  readonly _raw?: { readonly code?: number };
}

const UNKNOWN = 2;
const UNAVAILABLE = 14;
const INVALID_ARGUMENT = 3;

const REFUSALS: ReadonlySet<ErrorType> = new Set([
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.STREAM_DELETED,
  ErrorType.ACCESS_DENIED,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.MISSING_REQUIRED_METADATA_PROPERTY,
]);

// The client's message for a response to a bad request, for which it has no class.
const NO_CLASS = 'Could not recognize';

/**
 * Classifies a failed append: conflict, refused, unavailable (not sent), or unknown outcome (sent,
 * no answer).
 */
export function toAppendError(error: unknown, stream: string, expected: number): Error {
  if (error instanceof UnknownOutcomeError) return error; // our own time-out
  const failure = error as ClientError;
  if (failure.type === ErrorType.WRONG_EXPECTED_VERSION) {
    const { actualVersion } = failure as unknown as WrongExpectedVersionError;
    const actual = typeof actualVersion === 'bigint' ? Number(actualVersion) : -1;
    return new WrongExpectedRevisionError(stream, expected, actual);
  }
  if (isRefusal(failure)) {
    return new AppendRefusedError(`the event store refuses the append to ${stream}: ${failure.message}`, {
      cause: error,
    });
  }
  // A client that never connected throws the raw gRPC error. After a call was sent, it throws its
  // own class.
  if (failure.code === UNAVAILABLE && failure.type === undefined) {
    return new StoreUnavailableError('the event store does not respond', { cause: error });
  }
  return new UnknownOutcomeError(`no answer to the append to ${stream}`, { cause: error });
}

function isRefusal({ type, code, message }: ClientError): boolean {
  if (type && REFUSALS.has(type)) return true;
  // Without a code, the server has answered this append. With one, the call that it shares with
  // others has ended.
  return code === INVALID_ARGUMENT || (code === undefined && message.startsWith(NO_CLASS));
}

/** A failed read or subscription: for whatever reason, the store did not answer it. */
export function toReadError(error: unknown): Error {
  return error instanceof StoreUnavailableError
    ? error
    : new StoreUnavailableError(`the event store does not respond: ${(error as Error).message}`, {
        cause: error,
      });
}

/**
 * A failed read of `$all` after a position. The store answers UNKNOWN if no event has that
 * position, with no more specific code.
 */
export function toPositionError(error: unknown, after: string): Error {
  const { _raw } = error as ClientError;
  if (_raw?.code !== UNKNOWN) return toReadError(error);
  return new UnknownPositionError(`no event has position ${after}`, { cause: error });
}

/**
 * Whether a read failed only because the stream does not exist, or is deleted, which we treat the
 * same.
 */
export function isMissingStream(error: unknown): boolean {
  const { type } = error as ClientError;
  return type === ErrorType.STREAM_NOT_FOUND || type === ErrorType.STREAM_DELETED;
}
