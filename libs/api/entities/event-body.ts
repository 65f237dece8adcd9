import { parseStreamName } from '#libs/core/entity-id.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';

/** An event as `/events` returns it, in a page or a feed. */
export function toEventBody({ id, stream, type, revision, data, metadata }: RecordedEvent) {
  const entityId = parseStreamName(stream)?.id ?? stream;
  const { at, hash, commandId, actor, $correlationId: correlationId, $causationId: causationId } = metadata;
  return { id, entityId, type, revision, hash, at, data, commandId, actor, correlationId, causationId };
}
