import { UnavailableError } from '#libs/core/problems.js';

/** A feed was to start at a place that does not exist (yet); nothing was sent. */
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
