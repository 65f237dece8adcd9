import type { AnyDecider } from '#libs/decider/decider.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/decider/timestamp.js';
import type { Fold } from '#libs/entity-workflow/entity-messages.js';

const PATIENCE_MILLISECONDS = 60_000;

/**
 * When the entity has to wake next. A deadline that was tried at `triedAt` and still stands could not be met (its rule
 * throws or refuses, or the store refuses the events), and so could one that is long past: it is tried again in a minute,
 * instead of at once, for ever. `now` is by the same clock that rings the alarm.
 */
function nextDeadline(
  decider: AnyDecider,
  fold: Fold,
  now: Timestamp,
  triedAt?: Timestamp,
): Timestamp | undefined {
  const deadline = decider.deadline?.(fold.state)?.at;
  if (deadline === undefined) return undefined;
  const isUnmet = triedAt !== undefined && deadline <= triedAt;
  const overdue = toMilliseconds(now) - toMilliseconds(deadline);
  const inAMinute = toTimestamp(toMilliseconds(now) + PATIENCE_MILLISECONDS);
  return isUnmet || overdue > PATIENCE_MILLISECONDS ? inAMinute : deadline;
}

/** A result, with the next deadline of a fold beside it. */
export function withDeadline<T extends object>(
  decider: AnyDecider,
  fold: Fold,
  now: Timestamp,
  result: T,
  triedAt?: Timestamp,
) {
  const deadline = nextDeadline(decider, fold, now, triedAt);
  return { ...result, ...(deadline !== undefined && { deadline }) };
}
