/**
 * The stream ends before the revision that the entity has folded: the store lost events (a restored
 * backup, another store at the address). Nothing is decided until an operator has intervened; the
 * entity keeps retrying.
 */
export class StreamBehindError extends Error {
  override readonly name = 'StreamBehindError';
  constructor(stream: string, folded: number, actual: number) {
    super(`${stream} ends at revision ${actual}, the entity has folded ${folded}: the store lost events`);
  }
}

/**
 * The attempt took so long that another one may have answered its commands. It must not decide any
 * more.
 */
export class AttemptTooLateError extends Error {
  override readonly name = 'AttemptTooLateError';
  constructor(stream: string) {
    super(`commands of ${stream} may have been answered by another attempt meanwhile`);
  }
}

/** The receiver refuses the effect with a stable code, and no retry can succeed. */
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

/** The outcome of an effect is not known yet. It is retried under the same id. */
export class EffectNotDoneError extends Error {
  override readonly name = 'EffectNotDoneError';
}
