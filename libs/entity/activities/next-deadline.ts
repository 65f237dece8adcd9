import type { AnyDecider } from '#libs/core/decider.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';

const PATIENCE_MILLISECONDS = 60_000;

/**
 * When the entity has to wake next. A deadline that could not be met (its rule throws or refuses, or the store refuses the
 * events) is tried again in a minute, instead of at once, for ever. Any other one that is past is due at once: there was no room
 * for it, or nobody has tried it yet. `now` is by the same clock that rings the alarm.
 */
function nextDeadline(
  decider: AnyDecider,
  fold: Fold,
  now: Timestamp,
  isUnmet: boolean,
): Timestamp | undefined {
  const deadline = decider.deadline?.(fold.state)?.at;
  if (deadline === undefined || !isUnmet || deadline > now) return deadline;
  return toTimestamp(toMilliseconds(now) + PATIENCE_MILLISECONDS);
}

/** A result, with the next deadline of a fold beside it. */
export function withDeadline<T extends object>(
  decider: AnyDecider,
  fold: Fold,
  now: Timestamp,
  result: T,
  isUnmet = false,
) {
  const deadline = nextDeadline(decider, fold, now, isUnmet);
  return { ...result, ...(deadline !== undefined && { deadline }) };
}
