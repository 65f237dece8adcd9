import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';

/**
 * Records for receipts when commands were sent and decided: in the metadata of their events, or in
 * the outcome if there are none. The times are not part of an event's content, so a repeat that is
 * decided at another time is the same event to the store and to the hash chain.
 */
export class NotedTimes {
  private readonly sent: ReadonlyMap<string, Timestamp>;

  constructor(
    batch: readonly CommandEnvelope[],
    private readonly decidedAt: Timestamp,
  ) {
    this.sent = new Map(batch.map(({ commandId, sentAt }) => [commandId, sentAt]));
  }

  onEvents(events: readonly EventToAppend[]): readonly EventToAppend[] {
    return events.map((event) => {
      return { ...event, metadata: { ...event.metadata, ...this.of(event.metadata.commandId) } };
    });
  }

  /** Skips those that were decided before. */
  onOutcomes(outcomes: readonly Outcome[], remembered: readonly string[]): readonly Outcome[] {
    return outcomes.map((outcome) => {
      const isTold = outcome.status === 'accepted' || remembered.includes(outcome.commandId);
      return isTold ? outcome : { ...outcome, ...this.of(outcome.commandId) };
    });
  }

  private of(commandId: string) {
    const sentAt = this.sent.get(commandId);
    return { ...(sentAt !== undefined && { sentAt }), decidedAt: this.decidedAt };
  }
}
