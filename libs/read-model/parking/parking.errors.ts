/** The view has not parked this entity: it folds its events. */
export class NotParkedError extends Error {
  override readonly name = 'NotParkedError';
}

/** The entity is parked at another event than the one that was decided about; nothing was changed. */
export class ParkedElsewhereError extends Error {
  override readonly name = 'ParkedElsewhereError';
}

/** The store does not hold the event that is missing: there is nothing to leave out or to replace. */
export class NothingToAmendError extends Error {
  override readonly name = 'NothingToAmendError';
}

/** The entity is not parked at a bad event: what waits is being folded, and nothing is to be decided until that is done. */
export class CatchingUpError extends Error {
  override readonly name = 'CatchingUpError';
}

/** What the view holds is proof: none of its events may be left out or replaced. */
export class NotAmendableError extends Error {
  override readonly name = 'NotAmendableError';
}
