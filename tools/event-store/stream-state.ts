import {
  isMetadataStream,
  METADATA_OF_METADATA,
  originalStreamOf,
  parseMetadata,
  type StreamMetadata,
} from './stream-metadata.js';
import { LAST_REVISION, NO_REVISION } from './stored-event.js';

/** Where a stream and its metadata stream stand. One state serves both: it goes by the name of the former. */
export interface StreamState {
  readonly revision: bigint;
  readonly metadataRevision: bigint;
  /** Data of the last metadata event. */
  readonly rawMetadata: Uint8Array | undefined;
  /** What these say. */
  readonly metadata: StreamMetadata;
}

/** A stream as a request sees it, be it a metadata stream or not. */
export interface StreamView {
  /** Of its last event, seen or not; -1 when there is none. */
  readonly revision: bigint;
  readonly metadata: StreamMetadata;
  readonly isTombstoned: boolean;
  /** Its events are hidden until it is written to again. */
  readonly isDeleted: boolean;
  readonly hasMetadata: boolean;
}

/** Which events of a stream are to be seen. */
export interface VisibleRange {
  readonly from: bigint;
  /** In the unit of `created`. */
  readonly createdFrom: bigint | undefined;
}

const TICKS_PER_MILLISECOND = 10_000n;
const MILLISECONDS_PER_SECOND = 1_000;

/** The time in the unit of `created`. */
export const toTicks = (milliseconds: number): bigint => BigInt(milliseconds) * TICKS_PER_MILLISECOND;

/** The name that the state of a stream goes by. */
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
  // With its stream the metadata go too.
  const isTombstoned = state.revision === LAST_REVISION || state.metadataRevision === LAST_REVISION;
  return {
    revision: state.metadataRevision,
    metadata: METADATA_OF_METADATA,
    isTombstoned,
    isDeleted: false,
    hasMetadata: false,
  };
}

/** Whether a read finds the stream at all. */
export const isMissing = ({ revision, isDeleted }: StreamView): boolean =>
  revision === NO_REVISION || isDeleted;

/** Nothing that `$maxCount`, `$maxAge` or `$tb` of the stream hide at this time (milliseconds since 1970). */
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
