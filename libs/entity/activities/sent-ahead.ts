import { Counter } from 'prom-client';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import { toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import type { DecideRequest } from '#libs/entity/protocol/entity-messages.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';

/** A clock that is further ahead is wrong. */
const TOLERANCE_MILLISECONDS = 10_000;

const sentAhead = new Counter({
  name: 'perdure_commands_sent_ahead_total',
  help: 'Commands stamped with a time ahead of the clock of their entity, which were decided at the time of the entity',
  labelNames: ['category'],
});

/** A batch at the times at which its commands are decided. */
interface TimedBatch {
  readonly batch: readonly CommandEnvelope[];
  /** Whether `now` replaced a time. Then another attempt, at another time, may decide differently. */
  readonly isSetBack: boolean;
}

/**
 * Replaces times ahead of the clock of the entity by its own. Rule time never falls along a stream, so a single command from a
 * host whose clock is wrong would otherwise set the time of an entity for every command after it.
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
  const { commandId, actor, sentAt } = first;
  const found = { stream, commands: ahead.length, commandId, actor, sentAt, now };
  logger.warn(
    found,
    'commands are stamped ahead of the clock of their entity: check the clocks of API hosts',
  );
  const timed = batch.map((envelope) => (ahead.includes(envelope) ? { ...envelope, sentAt: now } : envelope));
  return { batch: timed, isSetBack: true };
}
