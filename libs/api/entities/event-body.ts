import { actingIn } from '#libs/core/acting.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';

/** An event as `/events` returns it, in a page or a feed. */
export type EventBody = ReturnType<typeof toEventBody>;

export function toEventBody({ id, stream, type, revision, data, metadata }: RecordedEvent) {
  const entityId = parseStreamName(stream)?.id ?? stream;
  const { at, hash, commandId, $correlationId: correlationId, $causationId: causationId } = metadata;
  const ids = { commandId, ...actingIn(metadata), correlationId, causationId };
  return { id, entityId, type, revision, hash, at, data, ...ids };
}
