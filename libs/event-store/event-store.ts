import type { JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';

/** Beside every event. `$correlationId` and `$causationId` are EventStoreDB's own conventions. */
export interface EventMetadata {
  readonly commandId: string;
  /** Present when the command came under an idempotency key. */
  readonly keyId?: string;
  readonly actor: string;
  /** Rule time of the command that made the event: never falls along a stream. */
  readonly at: Timestamp;
  /** Position of the event among those of its command, and how many they are. */
  readonly index: number;
  readonly count: number;
  readonly schemaVersion: number;
  /** Of the stream up to this event (see `event-hash.ts`); events from before there were hashes have none. */
  readonly hash?: string;
  /** When the command was taken in, and when it was decided, by the clocks of who did. Facts beside the event, no part of it. */
  readonly sentAt?: Timestamp;
  readonly decidedAt?: Timestamp;
  readonly traceparent?: string;
  readonly $correlationId: string;
  readonly $causationId: string;
}

/** An event about to be written. `id` is a UUID that stands for this one content (see `event-id.ts`). */
export interface EventToAppend {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
}

/** An event as the store holds it. `position` is its commit position in `$all`, a decimal that only ever rises. */
export interface RecordedEvent extends EventToAppend {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  /** By the clock of the store. */
  readonly recordedAt: Timestamp;
}

/** The revision of the last event the writer has seen, `-1` when the stream must not exist yet. */
export type ExpectedRevision = number;

export interface ReadOptions {
  /** First revision to read; from the start (or, backwards, from the end) when absent. */
  readonly from?: number;
  readonly limit?: number;
  readonly direction?: 'forwards' | 'backwards';
}

/** A stretch of `$all` that a reader asks for. */
export interface ReadAllOptions {
  /** Only streams whose name starts so, `account-`. */
  readonly streamPrefix: string;
  /** Commit position after which to begin; from the very start when absent. */
  readonly after?: string;
  /** How many events to look at, whatever their streams. */
  readonly limit: number;
}

/** What a stretch of `$all` holds. */
export interface AllPage {
  readonly events: readonly RecordedEvent[];
  /** Commit position up to which everything was looked at; absent in an empty store. */
  readonly position?: string;
  /** Nothing more is there for now. */
  readonly isEnd: boolean;
}

/** What a subscription tells: an event, a position up to which nothing more matches, or that it is live now. */
export type SubscriptionMessage =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'checkpoint'; readonly position: string }
  | { readonly kind: 'caught-up' };

export interface SubscribeOptions {
  /** Only streams whose name starts so, `account-`. */
  readonly streamPrefix: string;
  /** Commit position after which to begin; from the very start when absent. */
  readonly after?: string;
  /** Ends the subscription, quietly. */
  readonly signal: AbortSignal;
}

/**
 * The store of events, as the write path and the relay need it.
 *
 * Errors: `WrongExpectedRevisionError` (nothing written), `AppendRefusedError` (nothing written, and never will be),
 * `StoreUnavailableError` (not written, try later), `UnknownOutcomeError` (may or may not be written: repeat the same
 * append, or read).
 */
export interface EventStore {
  /** Appends all events or none, if the stream stands at `expected`. Resolves to the revision of the last event. */
  append(stream: string, expected: ExpectedRevision, events: readonly EventToAppend[]): Promise<number>;
  /** The events of a stream in order; none when it does not exist. Reads in pages as the consumer asks. */
  read(stream: string, options?: ReadOptions): AsyncIterable<RecordedEvent>;
  /**
   * The events of a stretch of `$all`, in order, of those streams that are asked for. Throws `UnknownPositionError` after a
   * position that is no event's, as far as the store can tell.
   */
  readAll(options: ReadAllOptions): Promise<AllPage>;
  /** Commit position of the last event of all; undefined in an empty store. */
  lastPosition(): Promise<string | undefined>;
  /** From now on a stream shows only its latest events, so many; the others are dropped in time. */
  keepLast(stream: string, count: number): Promise<void>;
  /** `$all`, filtered, catch-up then live. Throws when the connection ends: the consumer resumes from its checkpoint. */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionMessage>;
  /** Whether the store answers, within a second or two. */
  isReachable(): Promise<boolean>;
  close(): Promise<void>;
}
