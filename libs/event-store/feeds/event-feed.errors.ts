import { UnavailableError } from '#libs/core/problems.js';

/** A feed was requested from a position that does not exist (yet). Nothing was delivered. */
export class FeedPlaceError extends Error {
  override readonly name = 'FeedPlaceError';
}

/** This process is shutting down and opens no more feeds. */
export class FeedsClosedError extends UnavailableError {
  override readonly name = 'FeedsClosedError';
  constructor(message: string, options?: ErrorOptions) {
    super('service', { message, ...options });
  }
}
