import type { ProposedEvent } from './stored-event.js';

/** What a write asks of the stream: a revision, or one of the three words. */
export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export interface AppendRequest {
  readonly kind: 'append';
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly ProposedEvent[];
  /** Milliseconds since 1970: what is not written by then is refused. */
  readonly deadline?: number | undefined;
}

/** `delete` hides the events there are, and the stream may go on; `tombstone` ends it for good. */
export interface DeleteRequest {
  readonly kind: 'delete' | 'tombstone';
  readonly stream: string;
  readonly expected: Expected;
}

export type WriteRequest = AppendRequest | DeleteRequest;

export interface Written {
  readonly kind: 'written';
  /** That of the last event. */
  readonly revision: bigint;
  /** Undefined for an append without events. */
  readonly position: bigint | undefined;
}

export interface Conflict {
  readonly kind: 'conflict';
  readonly expected: Expected;
  /** Undefined: there is no stream. */
  readonly actual: bigint | undefined;
}

/** How a write ended; `deleted`: the stream has a tombstone, or had to exist and is deleted. */
export type WriteResult = Written | Conflict | { readonly kind: 'deleted' };
