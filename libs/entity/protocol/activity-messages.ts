import type { DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { Fold, PendingEffect, Ring, RingEntry, Snapshot } from './entity-messages.js';

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
  /** The entity has ended. Absent in histories of older code. */
  readonly isEnded?: true;
  /** Cancel the timer once there is no deadline. Absent in histories of older code. */
  readonly endsTimers?: true;
  /** Ids of a flow's commands to itself hold their content. Absent in histories of older code. */
  readonly idsHoldContent?: true;
  /** Try effects within workflow tasks first. Absent in histories of older code. */
  readonly triesEffects?: true;
  /** Local activities take turns. Absent in histories of older code. */
  readonly takesTurns?: true;
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
  /** The task queue of the next run, if it is another one than that of this run. */
  readonly moveTo?: string;
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
  /** The entity has ended. Absent in histories of older code. */
  readonly isEnded?: true;
  /** The effects of all these events. */
  readonly effects?: readonly PendingEffect[];
  /** Keys of earlier effects that are no longer needed. */
  readonly withdrawn?: readonly string[];
}

export interface EffectRequest {
  readonly stream: string;
  readonly effect: PendingEffect;
  /** Its first attempt was made by `tryEffect`. */
  readonly wasTried?: true;
}

/** The reply to the entity, if the effect asks for one. */
export interface EffectResult {
  readonly reply?: CommandEnvelope;
}

/** What a first attempt within a workflow task came to. Without a result, the effect is run. */
export interface EffectTry {
  readonly result?: EffectResult;
  /** It took so long that the workflow task should end soon. */
  readonly wasSlow?: true;
  /** There was an attempt, whose outcome is not known. */
  readonly wasTried?: true;
}

/** The activities of an entity workflow. All are safe to run any number of times, at any time. */
export interface EntityActivities {
  loadEntity(request: LoadRequest): Promise<LoadResult>;
  decideAndAppend(request: DecideRequest): Promise<DecideResult>;
  runEffect(request: EffectRequest): Promise<EffectResult>;
  tryEffect(request: EffectRequest): Promise<EffectTry>;
  saveSnapshot(request: SnapshotRequest): Promise<SnapshotResult>;
}
