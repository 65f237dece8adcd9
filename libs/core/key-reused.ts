import type { Rejected } from './outcome.js';
import type { Timestamp } from './timestamp.js';

/** The code of such an outcome. */
export const KEY_REUSED = 'IDEMPOTENCY.KEY_REUSED';

/** The outcome of a command that was sent with the idempotency key of another one. */
export function keyReused(commandId: string, revision: number, at: Timestamp): Rejected {
  const detail = 'the idempotency key was used for another command';
  return { status: 'rejected', commandId, revision, code: KEY_REUSED, detail, at };
}
