import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { nextLink } from '#libs/event-store/event-hash.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';

/** Adds to each event the hash of the stream up to it. */
export function withHashes(
  stream: string,
  fold: Pick<Fold, 'revision' | 'hash'>,
  events: readonly EventToAppend[],
): readonly EventToAppend[] {
  let { revision, hash } = fold;
  return events.map((event) => {
    revision += 1;
    hash = nextLink(hash, { ...event, stream, revision });
    return { ...event, metadata: { ...event.metadata, ...(hash !== undefined && { hash }) } };
  });
}
