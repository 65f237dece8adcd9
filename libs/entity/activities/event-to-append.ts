import { actingIn } from '#libs/core/acting.js';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import { currentVersion } from '#libs/core/upcast.js';
import { eventId } from '#libs/event-store/event-id.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';

/** The position of an event among those of its command, and the rule time of the command. */
interface Place {
  readonly index: number;
  readonly count: number;
  readonly at: Timestamp;
}

/**
 * An event of a command as it is stored. Its id is derived from its content, so a retry produces
 * the same one.
 */
export function eventToAppend(
  decider: AnyDecider,
  stream: string,
  envelope: CommandEnvelope,
  { type, data }: DomainEvent,
  { index, count, at }: Place,
): EventToAppend {
  const { commandId, keyId, correlationId, causationId, traceparent } = envelope;
  return {
    id: eventId(stream, commandId, index, count, type, data, at),
    type,
    data,
    metadata: {
      commandId,
      ...(keyId !== undefined && { keyId }),
      ...actingIn(envelope),
      at,
      index,
      count,
      schemaVersion: currentVersion(decider.upcasts, type),
      ...(traceparent !== undefined && { traceparent }),
      $correlationId: correlationId,
      $causationId: causationId,
    },
  };
}
