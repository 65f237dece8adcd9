import type { RecordedEvent } from '#libs/event-store/event-store.js';

/** An event as `/events` shows it. */
export function toEventBody({ id, type, revision, data, metadata }: RecordedEvent) {
  const { at, commandId, actor, $correlationId: correlationId, $causationId: causationId } = metadata;
  return { id, type, revision, at, data, commandId, actor, correlationId, causationId };
}
