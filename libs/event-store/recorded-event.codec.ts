import { type EventData, jsonEvent, type RecordedEvent as ClientEvent } from '@eventstore/db-client';
import { isJsonObject } from '#libs/core/json.js';
import type { EventMetadata, EventToAppend, RecordedEvent } from './event-store.js';

/** Converts one of our events to the client's form. */
export function toClientEvent(event: EventToAppend): EventData {
  return jsonEvent({ id: event.id, type: event.type, data: event.data, metadata: { ...event.metadata } });
}

/**
 * Converts an event of the client to ours. Streams outlive programs, and other programs may write
 * to them. Metadata that is missing or malformed is therefore filled in from the store's own data,
 * and data that is not a JSON object reads as `{}`.
 */
export function toRecordedEvent(event: ClientEvent): RecordedEvent {
  return {
    id: event.id,
    type: event.type,
    data: isJsonObject(event.data) ? event.data : {},
    metadata: toMetadata(event),
    stream: event.streamId,
    revision: Number(event.revision),
    position: String(event.position?.commit ?? 0n),
    recordedAt: event.created.toISOString(),
  };
}

function toMetadata(event: ClientEvent): EventMetadata {
  const found: Partial<EventMetadata> = isJsonObject(event.metadata) ? event.metadata : {};
  const commandId = textOr(found.commandId, event.id);
  return {
    commandId,
    ...(typeof found.keyId === 'string' && { keyId: found.keyId }),
    ...(typeof found.hash === 'string' && { hash: found.hash }),
    ...(isTime(found.sentAt) && { sentAt: found.sentAt }),
    ...(isTime(found.decidedAt) && { decidedAt: found.decidedAt }),
    ...(typeof found.traceparent === 'string' && { traceparent: found.traceparent }),
    actor: textOr(found.actor, 'unknown'),
    ...(typeof found.onBehalfOf === 'string' && { onBehalfOf: found.onBehalfOf }),
    at: isTime(found.at) ? found.at : event.created.toISOString(),
    index: numberOr(found.index, 0),
    count: numberOr(found.count, 1),
    schemaVersion: numberOr(found.schemaVersion, 1),
    $correlationId: textOr(found.$correlationId, commandId),
    $causationId: textOr(found.$causationId, commandId),
  };
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isInteger(value) ? value : fallback;
}
