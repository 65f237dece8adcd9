import { ErrorType, type WrongExpectedVersionError } from '@eventstore/db-client';
import {
  AppendRefusedError,
  StoreUnavailableError,
  UnknownOutcomeError,
  WrongExpectedRevisionError,
} from './event-store.errors.js';

/** What we look at: the client's class where it has one, else the bare gRPC code. */
interface ClientError extends Error {
  readonly type?: ErrorType;
  readonly code?: number;
}

const UNAVAILABLE = 14;
const INVALID_ARGUMENT = 3;

const REFUSALS: ReadonlySet<ErrorType> = new Set([
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.STREAM_DELETED,
  ErrorType.ACCESS_DENIED,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.MISSING_REQUIRED_METADATA_PROPERTY,
]);

/** Tells a failed append apart: conflict, refused, away (not sent), or unknown outcome (sent, no answer). */
export function toAppendError(error: unknown, stream: string, expected: number): Error {
  const failure = error as ClientError;
  if (failure.type === ErrorType.WRONG_EXPECTED_VERSION) {
    const { actualVersion } = failure as unknown as WrongExpectedVersionError;
    const actual = typeof actualVersion === 'bigint' ? Number(actualVersion) : -1;
    return new WrongExpectedRevisionError(stream, expected, actual);
  }
  if ((failure.type && REFUSALS.has(failure.type)) || failure.code === INVALID_ARGUMENT) {
    return new AppendRefusedError(`the store refuses the append to ${stream}: ${failure.message}`, {
      cause: error,
    });
  }
  // A client that never got a connection throws the raw gRPC error; once a call was sent, its own class.
  if (failure.code === UNAVAILABLE && failure.type === undefined) {
    return new StoreUnavailableError('the event store does not answer', { cause: error });
  }
  return new UnknownOutcomeError(`no answer to the append to ${stream}`, { cause: error });
}

/** A failed read or subscription: whatever the reason, the store did not answer it. */
export function toReadError(error: unknown): Error {
  return error instanceof StoreUnavailableError
    ? error
    : new StoreUnavailableError(`the event store does not answer: ${(error as Error).message}`, {
        cause: error,
      });
}

/** Whether a read failed only because the stream does not exist (or is deleted, which is the same to us). */
export function isMissingStream(error: unknown): boolean {
  const { type } = error as ClientError;
  return type === ErrorType.STREAM_NOT_FOUND || type === ErrorType.STREAM_DELETED;
}
