import type { Acting } from '#libs/core/acting.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Effect } from '#libs/core/effect.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';

/** Name of the signal that hands commands over: `[CommandEnvelope[]]`. */
export const COMMANDS_SIGNAL = 'commands';
/** Name of the update that hands over commands and returns `Settled[]`, in order. */
export const EXECUTE_UPDATE = 'execute';
/**
 * Name of the signal that makes an entity refold its stream up to at least a revision: `[number]`.
 */
export const REFOLD_SIGNAL = 'refold';
/** Name of the query that returns the `Fold`, or null while the entity is being loaded. */
export const STATE_QUERY = 'state';
/** Name of the query that returns the `RecentReceipt` of a command id. */
export const RECEIPT_QUERY = 'receipt';

/** The state of an entity as the fold of its stream up to `revision` (-1: no events yet). */
export interface Fold {
  readonly revision: number;
  /** The `stateVersion` of its decider. A fold of another version is rebuilt from the stream. */
  readonly stateVersion: number;
  readonly state: JsonObject;
  /** The rule time of the last event. */
  readonly at?: Timestamp;
  /** The hash of the stream up to the last event. A fold of older code has none, and is rebuilt. */
  readonly hash?: string;
}

/** A settled command in the ring of recent ones. */
export interface RingEntry {
  readonly keyId?: string;
  readonly outcome: Outcome;
  /** When it was sent, if that is after its rule time: the clock of its host was ahead. */
  readonly sentAt?: Timestamp;
  /** It must still be kept outside of the entity. Until then, it stays in the ring. */
  readonly unkept?: true;
}

/** The recently settled commands of an entity, oldest first. */
export interface Ring {
  readonly entries: readonly RingEntry[];
  /** The latest time at which a dropped command was sent or decided, if any was dropped. */
  readonly evictedUpTo?: Timestamp;
}

/**
 * Written when an entity is passivated, and from time to time. The next load starts from it. It is
 * a cache: if it cannot be used, the stream is folded instead.
 */
export interface Snapshot {
  readonly fold: Fold;
  readonly ring: Ring;
  readonly effects?: readonly PendingEffect[];
}

/** An outcome, and whether the command had been sent before. */
export type Settled = Outcome & { readonly replayed?: boolean };

/** What the entity itself knows about a command. */
export type RecentReceipt =
  | ({ readonly status: 'pending'; readonly sentAt?: Timestamp } & Partial<Acting>)
  | { readonly status: 'unknown' }
  | Outcome;

/** An effect that is not known to be done yet. */
export interface PendingEffect extends Effect, Pick<Acting, 'onBehalfOf'> {
  /** `<stream>@<revision>/<key>`: the command id, or the idempotency key of the call. */
  readonly id: string;
  readonly correlationId: string;
  /** The id of the event that requested it. */
  readonly causationId: string;
  readonly traceparent?: string;
}

/** What a schedule starts a flow with. */
export interface ScheduledFlow {
  /** The id of the schedule, such as `inventory-default.low-stock-digest`. */
  readonly schedule: string;
  readonly input: JsonObject;
  /** The field of the input that gets the scheduled time, if one does. */
  readonly timeField?: string;
}

/** The input of an entity workflow. `carried` comes from the previous run, if there was one. */
export interface EntityInput {
  readonly stream: string;
  /** For tests: the number of messages after which a run continues as new, instead of 500. */
  readonly messagesPerRun?: number;
  /** From a schedule, which starts a flow without a command. */
  readonly scheduled?: ScheduledFlow;
  readonly carried?: {
    readonly fold: Fold;
    readonly ring: Ring;
    readonly inbox: readonly CommandEnvelope[];
    readonly effects?: readonly PendingEffect[];
    /** After a reset: commands sent until then may already have been answered. */
    readonly doubtedUpTo?: Timestamp;
    /** The revision of the latest snapshot. */
    readonly snapshotRevision?: number;
    /** Its size in the store, if known. */
    readonly snapshotBytes?: number;
    /** Something has happened since that only a snapshot remembers. */
    readonly owesSnapshot?: true;
    /** What the function of a flow hands over. */
    readonly flow?: JsonObject;
  };
}
