/** The view is being rebuilt already, or is not: the verb does not fit. */
export class RebuildStateError extends Error {
  override readonly name = 'RebuildStateError';
}

/** The view that is being filled is behind the one that serves; a switch would show less than before. */
export class RebuildBehindError extends Error {
  override readonly name = 'RebuildBehindError';
}

/** The view that was filled has parked entities that the one that serves has not. */
export class RebuildParksMoreError extends Error {
  override readonly name = 'RebuildParksMoreError';
}

/** The rebuild ended while a batch was under way for it: the batch does not count. */
export class RebuildOverError extends Error {
  override readonly name = 'RebuildOverError';
}
