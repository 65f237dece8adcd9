/** A feed is asked for from a place that is not there (yet): nothing of it was told. */
export class FeedPlaceError extends Error {
  override readonly name = 'FeedPlaceError';
}

/** This process is about to end and opens no more feeds. */
export class FeedsClosedError extends Error {
  override readonly name = 'FeedsClosedError';
}
