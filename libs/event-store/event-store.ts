import type { Acting } from '#libs/core/acting.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';

/**
 * Metadata stored with every event. `$correlationId` and `$causationId` are EventStoreDB's
 * conventions.
 */
export interface EventMetadata extends Acting {
  readonly commandId: string;
  /** Present if the command had an idempotency key. */
  readonly keyId?: string;
  /** Rule time of the command that produced the event. It never decreases along a stream. */
  readonly at: Timestamp;
  /** Position of the event among those of its command, and their number. */
  readonly index: number;
  readonly count: number;
  readonly schemaVersion: number;
  /**
   * Hash of the stream up to this event (see `event-hash.ts`). Events written before hashes existed
   * have none.
   */
  readonly hash?: string;
  /**
   * When the command was received and when it was decided, by the clocks of the respective
   * processes. Informational: no part of the event.
   */
  readonly sentAt?: Timestamp;
  readonly decidedAt?: Timestamp;
  readonly traceparent?: string;
  readonly $correlationId: string;
  readonly $causationId: string;
}

/**
 * An event to be written. `id` is a UUID that identifies exactly this content (see `event-id.ts`).
 */
export interface EventToAppend {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
}

/**
 * An event as stored. `position` is its commit position in `$all`, as a decimal, and always
 * increases.
 */
export interface RecordedEvent extends EventToAppend {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  /** By the store's clock. */
  readonly recordedAt: Timestamp;
}

/**
 * The revision of the last event that the writer has seen, or `-1` if the stream must not exist
 * yet.
 */
export type ExpectedRevision = number;

export interface ReadOptions {
  /** First revision to read. Default: the start, or the end when reading backwards. */
  readonly from?: number;
  readonly limit?: number;
  readonly direction?: 'forwards' | 'backwards';
}

/** A range of `$all` to read. */
export interface ReadAllOptions {
  /** Only streams whose name starts with this, such as `account-`. */
  readonly streamPrefix: string;
  /** Commit position to read after. Default: the very start. */
  readonly after?: string;
  /** Number of events to examine, of any stream. */
  readonly limit: number;
}

/** One page of `$all`. */
export interface AllPage {
  readonly events: readonly RecordedEvent[];
  /** Commit position up to which all events were examined. Absent in an empty store. */
  readonly position?: string;
  /** There is nothing more to read for now. */
  readonly isEnd: boolean;
}

/**
 * A message of a subscription: an event, a position up to which nothing more matches, or the news
 * that it is live.
 */
export type SubscriptionMessage =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'checkpoint'; readonly position: string }
  | { readonly kind: 'caught-up' };

export interface SubscribeOptions {
  /** Only streams whose name starts with one of these, such as `account-`. */
  readonly streamPrefixes: readonly string[];
  /** Commit position to start after. Default: the very start. */
  readonly after?: string;
  /** Ends the subscription without an error. */
  readonly signal: AbortSignal;
}

/**
 * The event store as the write path and the relay need it.
 *
 * Errors: `WrongExpectedRevisionError` (nothing written), `AppendRefusedError` (nothing written,
 * and never will be), `StoreUnavailableError` (not written, try later), `UnknownOutcomeError` (may
 * or may not be written: repeat the same append, or read).
 */
export interface EventStore {
  /**
   * Appends all events or none, if the stream is at `expected`. Resolves to the revision of the
   * last event.
   */
  append(stream: string, expected: ExpectedRevision, events: readonly EventToAppend[]): Promise<number>;
  /** The events of a stream in order, or none if it does not exist. Reads pages on demand. */
  read(stream: string, options?: ReadOptions): AsyncIterable<RecordedEvent>;
  /**
   * The events of a range of `$all`, in order, limited to the requested streams. Throws
   * `UnknownPositionError` if no event has the given position, as far as the store can detect it.
   */
  readAll(options: ReadAllOptions): Promise<AllPage>;
  /** Commit position of the last event in the store, or undefined if it is empty. */
  lastPosition(): Promise<string | undefined>;
  /** Limits a stream to its latest `count` events. The store drops the others over time. */
  keepLast(stream: string, count: number): Promise<void>;
  /**
   * `$all`, filtered: catches up, then stays live. Throws when the connection ends, and the
   * consumer then resumes from its checkpoint.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionMessage>;
  /** Whether the store responds within a second or two. */
  isReachable(): Promise<boolean>;
  close(): Promise<void>;
}
