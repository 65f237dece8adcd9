import type { status } from '@grpc/grpc-js';

/** A request that cannot be served; the client sees the code and the message. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}
