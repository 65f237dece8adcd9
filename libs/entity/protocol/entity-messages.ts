import type { DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Effect } from '#libs/core/effect.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';

/** Name of the signal that hands commands over: `[CommandEnvelope[]]`. */
export const COMMANDS_SIGNAL = 'commands';
/** Name of the update that hands commands over and answers `Settled[]`, in the order of the commands. */
export const EXECUTE_UPDATE = 'execute';
/** Name of the signal that makes an entity fold its stream anew, which is known to hold a revision: `[number]`. */
export const REFOLD_SIGNAL = 'refold';
/** Name of the query that answers the `Fold`, or null while the entity is being loaded. */
export const STATE_QUERY = 'state';
/** Name of the query that answers `RecentReceipt` for a command id. */
export const RECEIPT_QUERY = 'receipt';

/**
 * The queue of the effects of entities that run on a task queue. A participant that does not answer then occupies workers of
 * effects only, and never those that load entities and append their decisions.
 */
export function effectsQueueOf(taskQueue: string): string {
  return `${taskQueue}-effects`;
}

/** The state of an entity as the fold of its stream up to `revision` (-1: no events yet). */
export interface Fold {
  readonly revision: number;
  /** `stateVersion` of the decider that made it: a fold of another version is made anew from the stream. */
  readonly stateVersion: number;
  readonly state: JsonObject;
  /** Rule time of the last event. */
  readonly at?: Timestamp;
  /** Of the stream up to the last event; a fold of earlier code has none, and is made anew from the stream. */
  readonly hash?: string;
}

/** A settled command in the ring of recent ones. */
export interface RingEntry {
  readonly keyId?: string;
  readonly outcome: Outcome;
  /** When it was sent, where that is after its rule time: its host had a clock that was ahead. */
  readonly sentAt?: Timestamp;
  /** It has to be kept outside of the entity as well, and is not yet: it stays in the ring until it is. */
  readonly unkept?: true;
}

/** The recently settled commands of an entity, oldest first. */
export interface Ring {
  readonly entries: readonly RingEntry[];
  /** Once older ones were dropped: the latest time among those, at which a command was sent or decided. */
  readonly evictedUpTo?: Timestamp;
}

/**
 * What an entity leaves behind when it goes to rest, and from time to time: it is born again from here. A cache: whoever cannot
 * use it folds the stream.
 */
export interface Snapshot {
  readonly fold: Fold;
  readonly ring: Ring;
  readonly effects?: readonly PendingEffect[];
}

/** An outcome, and whether the command had been sent before. */
export type Settled = Outcome & { readonly replayed?: boolean };

/** What the entity itself still knows of a command. */
export type RecentReceipt =
  { readonly status: 'pending'; readonly sentAt?: Timestamp } | { readonly status: 'unknown' } | Outcome;

/** An effect that is not known to be done yet. */
export interface PendingEffect extends Effect {
  /** `<stream>@<revision>/<key>`: the command id of what is sent, the idempotency key of what is called. */
  readonly id: string;
  readonly correlationId: string;
  /** Id of the event that it follows from. */
  readonly causationId: string;
  readonly traceparent?: string;
}

/** Input of an entity workflow. `carried` crosses from run to run; a first run and a re-birth have none. */
export interface EntityInput {
  readonly stream: string;
  /** For tests: messages after which a run is continued as new, in place of the usual 500. */
  readonly messagesPerRun?: number;
  readonly carried?: {
    readonly fold: Fold;
    readonly ring: Ring;
    readonly inbox: readonly CommandEnvelope[];
    readonly effects?: readonly PendingEffect[];
    /** After a reset: what was sent until then may have been answered before. */
    readonly doubtedUpTo?: Timestamp;
    /** That of the latest snapshot. */
    readonly snapshotRevision?: number;
    /** Its size in the store, where that is known. */
    readonly snapshotBytes?: number;
    /** Since then something came about that only a snapshot remembers. */
    readonly owesSnapshot?: true;
  };
}

export interface LoadRequest {
  readonly stream: string;
  /** By the clock of the entity: that of a worker's machine may be hours away from it. */
  readonly now: Timestamp;
  readonly carried?: Fold;
}

export interface LoadResult {
  /** Absent when the carried fold is good as it is. */
  readonly fold?: Fold;
  /** Only where nothing was carried: what the stream itself, and the snapshot before it, tell of settled commands. */
  readonly ring?: Ring;
  readonly deadline?: Timestamp;
  /** Whether a timer is ended when nothing is waited for any more; absent in histories of before, where it rings. */
  readonly endsTimers?: true;
  /** Only where nothing was carried: those of the whole stream that the entity was told no outcome of. */
  readonly effects?: readonly PendingEffect[];
  /** Of the snapshot to begin from, where nothing was carried and there was one; -1 after a fold that no snapshot helped. */
  readonly snapshotRevision?: number;
  /** Its size in the store, unless it tells of effects that may be done by now. */
  readonly snapshotBytes?: number;
  /** Absent: the entity never rests, and leaves no snapshots behind. */
  readonly rest?: RestPolicy;
  /** The run in which it was loaded; absent in histories of before. */
  readonly runId?: string;
}

/** When an entity leaves a snapshot behind. It comes with what a run loads, so a run keeps to the one that it began with. */
export interface RestPolicy {
  /** Milliseconds without a decision, after which an entity that waits for nothing ends its workflow; never when absent. */
  readonly afterMilliseconds?: number;
  /** Events since the last snapshot, after which a run that ends leaves one behind; more where the last one is large. */
  readonly snapshotEvery: number;
}

export interface SnapshotRequest {
  readonly stream: string;
  readonly snapshot: Snapshot;
}

export interface SnapshotResult {
  readonly isSaved: boolean;
  /** Its size in the store; absent in histories of before, and where a later one stands there. */
  readonly bytes?: number;
}

export interface DecideRequest {
  readonly stream: string;
  readonly fold: Fold;
  readonly batch: readonly CommandEnvelope[];
  /** By the clock of the entity. */
  readonly now: Timestamp;
  /** Whatever falls due up to this moment expires even when no command asks. */
  readonly dueBy?: Timestamp;
  /** Some of the batch may have been settled so long ago that the ring forgot it: look in the stream. */
  readonly searchStream: boolean;
  /** That of the ring: what was sent later cannot have been forgotten, unless it comes under a key. */
  readonly evictedUpTo?: Timestamp;
  /** Of the effects that are pending, as JSON: they share a bound with the state. */
  readonly effectBytes?: number;
  /** The run in which the fold was loaded: one that was reset since knows an older state, and must not decide on it. */
  readonly loadedIn?: string;
  /** What was sent until then a run before a reset may have answered: it is looked up, and never decided. */
  readonly doubtedUpTo?: Timestamp;
  /** Outcomes to be kept outside of the entity, beside those that are decided now. */
  readonly unkept?: readonly RingEntry[];
  /**
   * Milliseconds for which this attempt may decide on a newer state than `fold`; later, another attempt may have rejected what
   * this one would accept, and a rejection leaves no trace in the stream. Without limit when absent.
   */
  readonly patience?: number;
}

export interface DecideResult {
  /** Of the commands that were decided; one that is missing did not fit in this append and stays in the inbox. */
  readonly outcomes: readonly Outcome[];
  /** Nothing was decided: the workflow was reset after its state was loaded. */
  readonly wasReset?: true;
  /** All events between the fold of the request and `revision`, whoever wrote them; none beside a `fold`. */
  readonly events: readonly DomainEvent[];
  readonly revision: number;
  readonly at?: Timestamp;
  /** Of the stream up to `revision`. */
  readonly hash?: string;
  /**
   * Commands whose events stood in the stream unknown to the entity. Their attempt is lost, as when the server dies before it
   * has recorded it; a repeat of them must find its outcome.
   */
  readonly found?: readonly RingEntry[];
  /** Commands whose outcomes should be kept outside of the entity and could not be: their memory is away. */
  readonly unkept?: readonly string[];
  /** Commands that were settled so long ago that the entity had forgotten them. */
  readonly remembered?: readonly string[];
  /** Present when the request's fold could not be used, or the events are too many: replaces both. */
  readonly fold?: Fold;
  readonly deadline?: Timestamp;
  /** Of all the events above. */
  readonly effects?: readonly PendingEffect[];
  /** Keys of effects that the entity was told earlier, and that need not be done any more. */
  readonly withdrawn?: readonly string[];
}

export interface EffectRequest {
  readonly stream: string;
  readonly effect: PendingEffect;
}

/** The command by which the entity is told, where the effect asks for it. */
export interface EffectResult {
  readonly reply?: CommandEnvelope;
}

/** The activities every entity workflow calls. All are safe to run any number of times, at any moment. */
export interface EntityActivities {
  loadEntity(request: LoadRequest): Promise<LoadResult>;
  decideAndAppend(request: DecideRequest): Promise<DecideResult>;
  runEffect(request: EffectRequest): Promise<EffectResult>;
  saveSnapshot(request: SnapshotRequest): Promise<SnapshotResult>;
}
