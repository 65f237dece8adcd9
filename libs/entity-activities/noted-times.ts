import type { CommandEnvelope } from '#libs/decider/envelope.js';
import type { Outcome } from '#libs/decider/outcome.js';
import type { Timestamp } from '#libs/decider/timestamp.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';

/**
 * Notes beside each event when its command was taken in and when it was decided, for receipts. Neither is a part of what the
 * event says: a repeat, decided at another time, is the same event to the store and to the chain of hashes.
 */
export function noteTimes(
  events: readonly EventToAppend[],
  batch: readonly CommandEnvelope[],
  decidedAt: Timestamp,
): readonly EventToAppend[] {
  const timesOf = timesIn(batch, decidedAt);
  return events.map((event) => {
    return { ...event, metadata: { ...event.metadata, ...timesOf(event.metadata.commandId) } };
  });
}

/** The same on outcomes that have no event, but for those that were decided before. */
export function noteOutcomeTimes(
  outcomes: readonly Outcome[],
  remembered: readonly string[],
  batch: readonly CommandEnvelope[],
  decidedAt: Timestamp,
): readonly Outcome[] {
  const timesOf = timesIn(batch, decidedAt);
  return outcomes.map((outcome) => {
    const isTold = outcome.status === 'accepted' || remembered.includes(outcome.commandId);
    return isTold ? outcome : { ...outcome, ...timesOf(outcome.commandId) };
  });
}

function timesIn(batch: readonly CommandEnvelope[], decidedAt: Timestamp) {
  const sent = new Map(batch.map(({ commandId, sentAt }) => [commandId, sentAt]));
  return (commandId: string) => {
    const sentAt = sent.get(commandId);
    return { ...(sentAt !== undefined && { sentAt }), decidedAt };
  };
}
