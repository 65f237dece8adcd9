import { UnavailableError } from '#libs/core/problems.js';

/** The stream stands at another revision than expected; nothing was written. `actual` is -1 for a missing stream. */
export class WrongExpectedRevisionError extends Error {
  override readonly name = 'WrongExpectedRevisionError';
  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`${stream} is at revision ${actual}, not at ${expected}`);
  }
}

/** The store will never take this append (too large, bad name, deleted stream); nothing was written. */
export class AppendRefusedError extends Error {
  override readonly name = 'AppendRefusedError';
}

/** The store does not answer; nothing was written by this call. */
export class StoreUnavailableError extends UnavailableError {
  override readonly name = 'StoreUnavailableError';
  constructor(message: string, options?: ErrorOptions) {
    super('event-store', { message, ...options });
  }
}

/** The store answers, and has nothing at the position of `$all` after which it was to read. */
export class UnknownPositionError extends Error {
  override readonly name = 'UnknownPositionError';
}

/** The connection broke or time ran out after the append was sent: it may or may not have been written. */
export class UnknownOutcomeError extends UnavailableError {
  override readonly name = 'UnknownOutcomeError';
  constructor(message: string, options?: ErrorOptions) {
    super('event-store', { message, ...options });
  }
}
