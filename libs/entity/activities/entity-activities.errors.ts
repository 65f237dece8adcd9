/**
 * The stream ends before the revision that the entity has folded: the store lost events (a restored backup, another
 * store at the address). Nothing is decided until an operator has looked; the entity keeps trying.
 */
export class StreamBehindError extends Error {
  override readonly name = 'StreamBehindError';
  constructor(stream: string, folded: number, actual: number) {
    super(`${stream} ends at revision ${actual}, the entity has folded ${folded}: the store lost events`);
  }
}

/** The attempt took so long that another one may have answered its commands by now: it decides nothing any more. */
export class AttemptTooLateError extends Error {
  override readonly name = 'AttemptTooLateError';
  constructor(stream: string) {
    super(`commands of ${stream} may have been answered by another attempt meanwhile`);
  }
}

/** No repeat can cure it: the one asked says no, under a stable code. */
export class EffectRefusedError extends Error {
  override readonly name = 'EffectRefusedError';
  constructor(
    readonly code: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }
}

/** What came of an effect is not known yet; it is tried again under the same id. */
export class EffectNotDoneError extends Error {
  override readonly name = 'EffectNotDoneError';
}
