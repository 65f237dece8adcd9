import type { DomainEvent } from '#libs/core/decider.js';
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

/**
 * The task queue for the effects of the entities on a task queue. A participant that does not
 * answer then occupies only workers of effects, never those that load entities and append
 * decisions.
 */
export function effectsQueueOf(taskQueue: string): string {
  return `${taskQueue}-effects`;
}

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
  { readonly status: 'pending'; readonly sentAt?: Timestamp } | { readonly status: 'unknown' } | Outcome;

/** An effect that is not known to be done yet. */
export interface PendingEffect extends Effect {
  /** `<stream>@<revision>/<key>`: the command id, or the idempotency key of the call. */
  readonly id: string;
  readonly correlationId: string;
  /** The id of the event that requested it. */
  readonly causationId: string;
  readonly traceparent?: string;
}

/** The input of an entity workflow. `carried` comes from the previous run, if there was one. */
export interface EntityInput {
  readonly stream: string;
  /** For tests: the number of messages after which a run continues as new, instead of 500. */
  readonly messagesPerRun?: number;
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
  };
}

export interface LoadRequest {
  readonly stream: string;
  /** By the clock of the entity. The clock of a worker's machine may be hours off. */
  readonly now: Timestamp;
  readonly carried?: Fold;
}

export interface LoadResult {
  /** Absent if the carried fold can be used as it is. */
  readonly fold?: Fold;
  /** If nothing was carried: the settled commands known from the stream and the snapshot. */
  readonly ring?: Ring;
  readonly deadline?: Timestamp;
  /** Cancel the timer once there is no deadline. Absent in histories of older code. */
  readonly endsTimers?: true;
  /** If nothing was carried: the effects in the whole stream with an unknown outcome. */
  readonly effects?: readonly PendingEffect[];
  /** The revision of the snapshot that the load started from; -1 if the snapshot was of no use. */
  readonly snapshotRevision?: number;
  /** Its size in the store; absent if it lists effects that may be done by now. */
  readonly snapshotBytes?: number;
  /** If absent, the entity is never passivated and writes no snapshots. */
  readonly rest?: PassivationPolicy;
  /** The run in which it was loaded; absent in histories of older code. */
  readonly runId?: string;
}

/** When an entity writes a snapshot. Loaded, and so recorded, at the start of a run. */
export interface PassivationPolicy {
  /** Milliseconds without work after which an entity ends its workflow. If absent, never. */
  readonly afterMilliseconds?: number;
  /** Events between snapshots, written when a run ends. More if the last one was large. */
  readonly snapshotEvery: number;
}

export interface SnapshotRequest {
  readonly stream: string;
  readonly snapshot: Snapshot;
}

export interface SnapshotResult {
  readonly isSaved: boolean;
  /** Its size in the store. Absent in older histories, and if a later one is stored already. */
  readonly bytes?: number;
}

export interface DecideRequest {
  readonly stream: string;
  readonly fold: Fold;
  readonly batch: readonly CommandEnvelope[];
  /** By the clock of the entity. */
  readonly now: Timestamp;
  /** Everything due up to this time expires, even without a command. */
  readonly dueBy?: Timestamp;
  /** The ring may have forgotten some commands, so the stream has to be searched. */
  readonly searchStream: boolean;
  /** As in the ring: commands sent later cannot have been forgotten, unless they have a key. */
  readonly evictedUpTo?: Timestamp;
  /** The size of the pending effects as JSON. They share a limit with the state. */
  readonly effectBytes?: number;
  /** The run in which the fold was loaded. After a reset of that run, it must not be used. */
  readonly loadedIn?: string;
  /** After a reset: commands sent until then are looked up and never decided. */
  readonly doubtedUpTo?: Timestamp;
  /** Outcomes to be kept outside the entity, in addition to those decided now. */
  readonly unkept?: readonly RingEntry[];
  /**
   * Milliseconds for which this attempt may decide on a newer state than `fold`. After that,
   * another attempt may have rejected what this one would accept, and a rejection leaves no trace
   * in the stream. If absent, there is no limit.
   */
  readonly patience?: number;
}

export interface DecideResult {
  /** Outcomes of the decided commands. Others did not fit and stay in the inbox. */
  readonly outcomes: readonly Outcome[];
  /** Nothing was decided, because the workflow was reset after its state was loaded. */
  readonly wasReset?: true;
  /** All events between the request's fold and `revision`; empty if there is a `fold`. */
  readonly events: readonly DomainEvent[];
  readonly revision: number;
  readonly at?: Timestamp;
  /** The hash of the stream up to `revision`. */
  readonly hash?: string;
  /**
   * Commands whose events were in the stream without the entity's knowledge: their attempt was
   * lost, for example because the server crashed before recording it. A repeat of such a command
   * must find its outcome.
   */
  readonly found?: readonly RingEntry[];
  /** Commands whose outcomes could not be kept outside of the entity. */
  readonly unkept?: readonly string[];
  /** Commands that were settled so long ago that the entity had forgotten them. */
  readonly remembered?: readonly string[];
  /** Replaces the request's fold and the events, if these cannot be used. */
  readonly fold?: Fold;
  readonly deadline?: Timestamp;
  /** The effects of all these events. */
  readonly effects?: readonly PendingEffect[];
  /** Keys of earlier effects that are no longer needed. */
  readonly withdrawn?: readonly string[];
}

export interface EffectRequest {
  readonly stream: string;
  readonly effect: PendingEffect;
}

/** The reply to the entity, if the effect asks for one. */
export interface EffectResult {
  readonly reply?: CommandEnvelope;
}

/** The activities of an entity workflow. All are safe to run any number of times, at any time. */
export interface EntityActivities {
  loadEntity(request: LoadRequest): Promise<LoadResult>;
  decideAndAppend(request: DecideRequest): Promise<DecideResult>;
  runEffect(request: EffectRequest): Promise<EffectResult>;
  saveSnapshot(request: SnapshotRequest): Promise<SnapshotResult>;
}
