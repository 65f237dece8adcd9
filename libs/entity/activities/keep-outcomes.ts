import type { CommandEnvelope } from '#libs/core/envelope.js';
import { KEY_REUSED } from '#libs/core/key-reused.js';
import type { Outcome } from '#libs/core/outcome.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import type { RingEntry } from '#libs/entity/protocol/entity-messages.js';
import type { Patience } from './patience.js';
import type { Appended } from './append-decisions.js';
import type { EntityActivityDependencies } from './entity-activities.dependencies.js';
import { about } from '#libs/runtime/log-fields.js';

/**
 * Stores outcomes that no stream records in the memory of outcomes, in one statement, before any
 * sender is answered. Commands are still decided while that memory is unavailable. Returns the ids
 * of commands whose outcomes the entity has to keep itself.
 */
export async function keepOutcomes(
  { outcomeMemory, logger }: EntityActivityDependencies,
  { stream, batch, unkept = [] }: DecideRequest,
  { outcomes, remembered }: Pick<Appended, 'outcomes' | 'remembered'>,
  patience: Patience,
): Promise<readonly string[]> {
  const envelopes = new Map(batch.map((envelope) => [envelope.commandId, envelope]));
  const isNew = ({ commandId }: Outcome) => !remembered.includes(commandId);
  const decided = outcomes.filter(isNew).flatMap((outcome) => {
    return entryOf(envelopes.get(outcome.commandId), outcome) ?? [];
  });
  const entries = [...unkept, ...decided];
  if (!outcomeMemory || entries.length === 0) return [];
  const isKept = await patience.answerTo(() => outcomeMemory.keep(stream, entries).then(() => true));
  if (isKept) return [];
  logger.warn(
    { ...about(stream, batch[0]), count: entries.length },
    'outcomes cannot be stored now; their entity keeps them',
  );
  return entries.map(({ outcome }) => outcome.commandId);
}

/** The entry for a command that had a key and left no event. */
function entryOf(envelope: CommandEnvelope | undefined, outcome: Outcome): RingEntry | undefined {
  const isNone = outcome.status === 'accepted' || isOutcomeUnknown(outcome);
  if (envelope?.keyId === undefined || isNone) return undefined;
  const isOwnKey = outcome.code !== KEY_REUSED;
  return { ...(isOwnKey && { keyId: envelope.keyId }), outcome };
}
