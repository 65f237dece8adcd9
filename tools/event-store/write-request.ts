import type { ProposedEvent } from './stored-event.js';

/** What a write expects of the stream: a revision, or one of the three words. */
export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export interface AppendRequest {
  readonly kind: 'append';
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly ProposedEvent[];
  /** In milliseconds since 1970. A write that is not committed by then is refused. */
  readonly deadline?: number | undefined;
}

/**
 * `delete` hides the current events, and the stream may continue; `tombstone` ends it permanently.
 */
export interface DeleteRequest {
  readonly kind: 'delete' | 'tombstone';
  readonly stream: string;
  readonly expected: Expected;
}

export type WriteRequest = AppendRequest | DeleteRequest;

export interface Written {
  readonly kind: 'written';
  /** Revision of the last event. */
  readonly revision: bigint;
  /** Undefined for an append without events. */
  readonly position: bigint | undefined;
}

export interface Conflict {
  readonly kind: 'conflict';
  readonly expected: Expected;
  /** Undefined if the stream does not exist. */
  readonly actual: bigint | undefined;
}

/**
 * The result of a write. `deleted`: the stream has a tombstone, or was required to exist and is
 * deleted.
 */
export type WriteResult = Written | Conflict | { readonly kind: 'deleted' };
