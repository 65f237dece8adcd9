import type { AnyDecider } from '#libs/core/decider.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';

const PATIENCE_MILLISECONDS = 60_000;

/**
 * When the entity has to wake next. A deadline that could not be met (its rule throws or rejects,
 * or the store refuses the events) is retried in a minute, not at once for ever. Any other past
 * deadline is due at once: there was no room for it, or it was not tried yet. `now` is by the clock
 * that the alarm uses.
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

/** Adds to a result what the entity waits for: its next deadline, or nothing more at all. */
export function withOutlook<T extends object>(
  decider: AnyDecider,
  fold: Fold,
  now: Timestamp,
  result: T,
  isUnmet = false,
) {
  const deadline = nextDeadline(decider, fold, now, isUnmet);
  if (deadline !== undefined) return { ...result, deadline };
  return { ...result, ...(decider.isEnded?.(fold.state) && { isEnded: true as const }) };
}
