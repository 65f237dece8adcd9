import {
  isMetadataStream,
  METADATA_OF_METADATA,
  originalStreamOf,
  parseMetadata,
  type StreamMetadata,
} from './stream-metadata.js';
import { LAST_REVISION, NO_REVISION } from './stored-event.js';

/**
 * The state of a stream and its metadata stream. One state serves both, under the name of the
 * former.
 */
export interface StreamState {
  readonly revision: bigint;
  readonly metadataRevision: bigint;
  /** Data of the last metadata event. */
  readonly rawMetadata: Uint8Array | undefined;
  /** The same data, parsed. */
  readonly metadata: StreamMetadata;
}

/** A stream, or a metadata stream, as a request sees it. */
export interface StreamView {
  /** Revision of its last event, visible or not, or -1 if there is none. */
  readonly revision: bigint;
  readonly metadata: StreamMetadata;
  readonly isTombstoned: boolean;
  /** Its events are hidden until it is written to again. */
  readonly isDeleted: boolean;
  readonly hasMetadata: boolean;
}

/** The visible events of a stream. */
export interface VisibleRange {
  readonly from: bigint;
  /** In the unit of `created`. */
  readonly createdFrom: bigint | undefined;
}

const TICKS_PER_MILLISECOND = 10_000n;
const MILLISECONDS_PER_SECOND = 1_000;

/** Converts a time to the unit of `created`. */
export const toTicks = (milliseconds: number): bigint => BigInt(milliseconds) * TICKS_PER_MILLISECOND;

/** The key under which the state of a stream is kept. */
export const stateKeyOf = (stream: string): string =>
  isMetadataStream(stream) ? originalStreamOf(stream) : stream;

export function streamState(
  revision: bigint,
  metadataRevision: bigint,
  rawMetadata: Uint8Array | undefined,
): StreamState {
  return { revision, metadataRevision, rawMetadata, metadata: parseMetadata(rawMetadata) };
}

export function viewOf(stream: string, state: StreamState): StreamView {
  if (!isMetadataStream(stream)) {
    return {
      revision: state.revision,
      metadata: state.metadata,
      isTombstoned: state.revision === LAST_REVISION,
      isDeleted: state.metadata.truncateBefore === LAST_REVISION,
      hasMetadata: state.metadataRevision > NO_REVISION,
    };
  }
  // A tombstone of the stream applies to its metadata too.
  const isTombstoned = state.revision === LAST_REVISION || state.metadataRevision === LAST_REVISION;
  return {
    revision: state.metadataRevision,
    metadata: METADATA_OF_METADATA,
    isTombstoned,
    isDeleted: false,
    hasMetadata: false,
  };
}

/** Whether a read does not find the stream at all. */
export const isMissing = ({ revision, isDeleted }: StreamView): boolean =>
  revision === NO_REVISION || isDeleted;

/**
 * The events not hidden by `$maxCount`, `$maxAge` or `$tb` of the stream at this time (milliseconds
 * since 1970).
 */
export function visibleRange({ revision, metadata }: StreamView, now: number): VisibleRange {
  const { maxCount, maxAgeSeconds, truncateBefore = 0n } = metadata;
  const firstOfCount = maxCount === undefined ? 0n : revision - maxCount + 1n;
  return {
    from: firstOfCount > truncateBefore ? firstOfCount : truncateBefore,
    createdFrom:
      maxAgeSeconds === undefined
        ? undefined
        : toTicks(Math.max(0, now - maxAgeSeconds * MILLISECONDS_PER_SECOND)),
  };
}
