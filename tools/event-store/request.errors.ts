import { status } from '@grpc/grpc-js';

/** A request that cannot be served. The client sees the code and the message. */
export class RequestError extends Error {
  override readonly name: string = 'RequestError';
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

/** An invalid request. */
export const invalidRequest = (message: string): RequestError =>
  new RequestError(status.INVALID_ARGUMENT, message);

/** The stream has a tombstone, or was required to exist and is deleted. */
export class StreamDeletedError extends Error {
  override readonly name = 'StreamDeletedError';
  constructor(readonly stream: string) {
    super(`Event stream '${stream}' is deleted.`);
  }
}

/** The append exceeds the limit of the store. */
export class AppendTooLargeError extends Error {
  override readonly name = 'AppendTooLargeError';
}

/** An event of an append lacks a required property. */
export class MissingPropertyError extends Error {
  override readonly name = 'MissingPropertyError';
}

/** The client's deadline has passed, and nothing was written. */
export class AppendTimeoutError extends Error {
  override readonly name = 'AppendTimeoutError';
}
