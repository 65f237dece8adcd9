/**
 * An error that a flow can handle, and the only kind that ends it. If the function does not catch
 * it, the flow runs its compensations and then fails with the code of the error. Any other error is
 * a defect of the code: the flow stays where it is, and continues once the code is mended.
 */
export class FlowError extends Error {
  override readonly name: string = 'FlowError';
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** Thrown by a function that gives up. The flow fails with this code. */
export class FlowFailure extends FlowError {
  override readonly name = 'FlowFailure';
}

/** A call was refused for good; nothing was done. */
export class CallRefused extends FlowError {
  override readonly name = 'CallRefused';
}

/**
 * No attempt of a call succeeded in the time allowed. It is not known whether one had an effect.
 */
export class CallUnresolved extends FlowError {
  override readonly name = 'CallUnresolved';
}

/** A child ended without a result: it failed, was cancelled, or could not be started. */
export class ChildFailed extends FlowError {
  override readonly name = 'ChildFailed';
}

/** A process that was given a callback address has reported a failure, with this code. */
export class CallbackFailed extends FlowError {
  override readonly name = 'CallbackFailed';
}

/** No progress (`FLOW.CALLBACK_SILENT`) or no end (`FLOW.CALLBACK_LATE`) was reported in time. */
export class CallbackSilent extends FlowError {
  override readonly name = 'CallbackSilent';
}

/** The flow, or the branch that awaits this, was cancelled. */
export class Cancelled extends FlowError {
  override readonly name = 'Cancelled';
  constructor(detail: string) {
    super('FLOW.CANCELLED', detail);
  }
}
