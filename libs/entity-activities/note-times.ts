import type { CommandEnvelope } from '#libs/decider/envelope.js';
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
  const sent = new Map(batch.map(({ commandId, sentAt }) => [commandId, sentAt]));
  return events.map((event) => {
    const sentAt = sent.get(event.metadata.commandId);
    const times = { ...(sentAt !== undefined && { sentAt }), decidedAt };
    return { ...event, metadata: { ...event.metadata, ...times } };
  });
}
