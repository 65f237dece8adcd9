import { UnavailableError } from '#libs/core/problems.js';

/**
 * The stream is at another revision than expected, and nothing was written. `actual` is -1 for a
 * missing stream.
 */
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

/**
 * The store will never accept this append (too large, bad name, deleted stream). Nothing was
 * written.
 */
export class AppendRefusedError extends Error {
  override readonly name = 'AppendRefusedError';
}

/** The store does not respond. This call wrote nothing. */
export class StoreUnavailableError extends UnavailableError {
  override readonly name = 'StoreUnavailableError';
  constructor(message: string, options?: ErrorOptions) {
    super('event-store', { message, ...options });
  }
}

/** The store responds, but has nothing at the `$all` position to read after. */
export class UnknownPositionError extends Error {
  override readonly name = 'UnknownPositionError';
}

/**
 * The connection broke or timed out after the append was sent, so it may or may not have been
 * written.
 */
export class UnknownOutcomeError extends UnavailableError {
  override readonly name = 'UnknownOutcomeError';
  constructor(message: string, options?: ErrorOptions) {
    super('event-store', { message, ...options });
  }
}
