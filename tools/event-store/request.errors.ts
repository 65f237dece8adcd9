import { status } from '@grpc/grpc-js';

/** A request that cannot be served; the client sees the code and the message. */
export class RequestError extends Error {
  override readonly name: string = 'RequestError';
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

/** A request that makes no sense. */
export const invalidRequest = (message: string): RequestError =>
  new RequestError(status.INVALID_ARGUMENT, message);

/** The stream has a tombstone, or had to exist and is deleted. */
export class StreamDeletedError extends Error {
  override readonly name = 'StreamDeletedError';
  constructor(readonly stream: string) {
    super(`Event stream '${stream}' is deleted.`);
  }
}

/** Thrown by an append that is larger than the store takes. */
export class AppendTooLargeError extends Error {
  override readonly name = 'AppendTooLargeError';
}

/** An event of an append lacks a property that each needs. */
export class MissingPropertyError extends Error {
  override readonly name = 'MissingPropertyError';
}

/** The client did not want to wait that long; nothing was written. */
export class AppendTimeoutError extends Error {
  override readonly name = 'AppendTimeoutError';
}
