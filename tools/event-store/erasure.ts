import { isMetadataStream, metadataStreamOf } from './stream-metadata.js';
import { LAST_REVISION } from './stored-event.js';
import { type StreamState, viewOf, visibleRange } from './stream-state.js';

/**
 * Events of a stream that are no longer visible: those before a revision, and those created before
 * a time.
 */
export interface Doomed {
  readonly stream: string;
  readonly before: bigint;
  /** In the unit of `created`, or 0 for none. */
  readonly createdBefore: bigint;
}

/**
 * What may be erased from a stream and its metadata stream at this time (milliseconds since 1970).
 */
export function doomedOf(key: string, state: StreamState, now: number): Doomed[] {
  const doomed = [key, metadataStreamOf(key)].map((stream) => {
    const view = viewOf(stream, state);
    // Everything now in a deleted stream may go. What is written later is visible.
    if (view.isTombstoned || view.isDeleted)
      return { stream, before: endOf(stream, state), createdBefore: 0n };
    const { from, createdFrom = 0n } = visibleRange(view, now);
    return { stream, before: from, createdBefore: createdFrom };
  });
  return doomed.filter(({ before, createdBefore }) => before > 0n || createdBefore > 0n);
}

function endOf(stream: string, { revision, metadataRevision }: StreamState): bigint {
  const last = isMetadataStream(stream) ? metadataRevision : revision;
  return last === LAST_REVISION ? LAST_REVISION : last + 1n;
}
