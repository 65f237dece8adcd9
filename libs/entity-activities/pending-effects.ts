import type { AnyDecider, DomainEvent } from '#libs/decider/decider.js';
import type { Effect } from '#libs/decider/effect.js';
import { parseStreamName } from '#libs/decider/entity-id.js';
import type { JsonObject } from '#libs/decider/json.js';
import type { PendingEffect } from '#libs/entity-workflow/entity-messages.js';
import type { EventMetadata } from '#libs/event-store/event-store.js';

/** An event at its place, as far as effects look at it. */
export interface PlacedEvent extends DomainEvent {
  readonly id: string;
  readonly revision: number;
  readonly metadata: Pick<EventMetadata, '$correlationId' | 'traceparent'>;
}

/** What an event asks for, given the state after it. */
export function effectsOf(
  decider: AnyDecider,
  stream: string,
  event: PlacedEvent,
  state: JsonObject,
): readonly PendingEffect[] {
  const { $correlationId: correlationId, traceparent } = event.metadata;
  if (!decider.react) return [];
  const entityId = parseStreamName(stream)?.id ?? stream;
  const effects: readonly Effect[] = decider.react({ type: event.type, data: event.data }, state, entityId);
  return effects.map((effect) => ({
    ...effect,
    id: `${stream}@${event.revision}/${effect.key}`,
    correlationId,
    causationId: event.id,
    ...(traceparent !== undefined && { traceparent }),
  }));
}

/** The command id of the reply to an effect: the same outcome is told once. */
export function replyIdOf(effectId: string): string {
  return `${effectId}/reply`;
}
