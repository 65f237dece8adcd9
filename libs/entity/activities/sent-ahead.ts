import { Counter } from 'prom-client';
import { actingIn } from '#libs/core/acting.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import { toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';
import { about } from '#libs/runtime/log-fields.js';

/** A clock that is further ahead is considered wrong. */
const TOLERANCE_MILLISECONDS = 10_000;

const sentAhead = new Counter({
  name: 'perdure_commands_sent_ahead_total',
  help: 'Commands stamped with a time ahead of the clock of their entity, which were decided at the time of the entity',
  labelNames: ['category'],
});

/** A batch with the times at which its commands are decided. */
interface TimedBatch {
  readonly batch: readonly CommandEnvelope[];
  /**
   * Whether `now` replaced a time. Another attempt, at another time, may then decide differently.
   */
  readonly isSetBack: boolean;
}

/**
 * Replaces times that are ahead of the entity's clock by the time of that clock. Rule time never
 * goes back along a stream, so a single command from a host with a wrong clock would otherwise set
 * the time of all later commands.
 */
export function setBackSentAhead(
  { logger, clockToleranceMilliseconds = TOLERANCE_MILLISECONDS }: EntityActivityDependencies,
  { stream, batch, now }: Pick<DecideRequest, 'stream' | 'batch' | 'now'>,
): TimedBatch {
  const latestTrusted = toTimestamp(toMilliseconds(now) + clockToleranceMilliseconds);
  const ahead = batch.filter(({ sentAt }) => sentAt > latestTrusted);
  const [first] = ahead;
  if (!first) return { batch, isSetBack: false };
  sentAhead.inc({ category: parseStreamName(stream)?.category ?? stream }, ahead.length);
  const { sentAt } = first;
  const found = { ...about(stream, first), count: ahead.length, ...actingIn(first), sentAt, now };
  logger.warn(
    found,
    'commands are stamped ahead of the clock of their entity: check the clocks of API hosts',
  );
  const timed = batch.map((envelope) => (ahead.includes(envelope) ? { ...envelope, sentAt: now } : envelope));
  return { batch: timed, isSetBack: true };
}
