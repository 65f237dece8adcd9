import type { AnyDecider } from '#libs/decider/decider.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/decider/timestamp.js';
import type { Fold } from '#libs/entity-workflow/entity-messages.js';

const PATIENCE_MILLISECONDS = 60_000;

/**
 * When the entity has to wake next. A deadline that was tried at `triedAt` and still stands could not be met (its rule
 * throws or refuses, or the store refuses the events), and so could one that is long past: it is tried again in a minute,
 * instead of at once, for ever.
 */
export function nextDeadline(
  decider: AnyDecider,
  fold: Fold,
  triedAt?: Timestamp,
  now = Date.now(),
): Timestamp | undefined {
  const deadline = decider.deadline?.(fold.state)?.at;
  if (deadline === undefined) return undefined;
  const isUnmet = triedAt !== undefined && deadline <= triedAt;
  const overdue = now - toMilliseconds(deadline);
  return isUnmet || overdue > PATIENCE_MILLISECONDS ? toTimestamp(now + PATIENCE_MILLISECONDS) : deadline;
}
