import type { AnyDecider } from '#libs/decider/decider.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/decider/timestamp.js';
import type { Fold } from '#libs/entity-workflow/entity-messages.js';

const PATIENCE_MILLISECONDS = 60_000;

/**
 * When the entity has to wake next. A deadline that stays in the past could not be met (its rule throws or refuses): it
 * is tried again in a minute instead of at once, for ever.
 */
export function nextDeadline(decider: AnyDecider, fold: Fold, now = Date.now()): Timestamp | undefined {
  const deadline = decider.deadline?.(fold.state)?.at;
  if (deadline === undefined) return undefined;
  const overdue = now - toMilliseconds(deadline);
  return overdue > PATIENCE_MILLISECONDS ? toTimestamp(now + PATIENCE_MILLISECONDS) : deadline;
}
