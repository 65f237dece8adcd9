import { toTimestamp } from '#libs/core/timestamp.js';
import { Alarm } from './alarm.js';
import { saveSnapshot } from './entity-activities.proxy.js';
import type { LoadResult, PassivationPolicy } from '#libs/entity/protocol/activity-messages.js';
import type { EntityInput, Snapshot } from '#libs/entity/protocol/entity-messages.js';

type Carried = NonNullable<EntityInput['carried']>;

/**
 * A snapshot is written when it has at most this many bytes for each event that it saves reading.
 */
const BYTES_PER_EVENT = 256;

/** What a run knows of the latest snapshot. */
export interface SnapshotMark {
  /** -1 when there is none. */
  readonly revision: number;
  /** Its size in the store; undefined when it should be replaced soon. */
  readonly bytes?: number | undefined;
  /**
   * Whether something has happened since that only a snapshot remembers: a rejection, or an effect
   * that was done.
   */
  readonly isOwed?: boolean | undefined;
}

/**
 * Decides when an entity writes a snapshot, and when it has been idle for long enough to end its
 * workflow. Like the timer for deadlines, the timer for the idle time is left to ring, so that
 * commands in the meantime add no events to the history.
 */
export class Passivation {
  private readonly alarm = new Alarm();
  private since = Date.now();
  private hasEnded = false;

  constructor(
    private readonly policy: PassivationPolicy,
    private latest: SnapshotMark,
  ) {}

  /** What the next run needs. */
  carry(): Pick<Carried, 'snapshotRevision' | 'snapshotBytes' | 'owesSnapshot'> {
    const { revision, bytes, isOwed } = this.latest;
    return {
      snapshotRevision: revision,
      ...(bytes !== undefined && { snapshotBytes: bytes }),
      ...(isOwed && { owesSnapshot: true }),
    };
  }

  /** Notes that something has happened that only a snapshot remembers. */
  oweSnapshot(): void {
    this.latest = { ...this.latest, isOwed: true };
  }

  /** Whether only a snapshot could remember something. */
  get isOwed(): boolean {
    return this.latest.isOwed === true;
  }

  /** Restarts the idle time. */
  touch(): void {
    this.since = Date.now();
    this.hasEnded = false;
  }

  /** Notes that the entity has ended, so that it need not be idle first. */
  end(): void {
    this.hasEnded = true;
  }

  /** Whether the entity has ended, and no attempt to save its snapshot has failed since. */
  get isEnded(): boolean {
    return this.hasEnded;
  }

  /** Ensures that the alarm rings when the idle time is over. */
  arm(): void {
    const { afterMilliseconds } = this.policy;
    if (afterMilliseconds !== undefined) this.alarm.set(toTimestamp(this.since + afterMilliseconds));
  }

  /** Whether the alarm has rung. The entity may have been busy in the meantime: see `isIdle`. */
  get isDue(): boolean {
    return this.alarm.rungFor !== undefined;
  }

  reset(): void {
    this.alarm.reset();
  }

  /** Whether nothing was decided for the idle time, or nothing more is to come. */
  get isIdle(): boolean {
    if (this.hasEnded) return true;
    const { afterMilliseconds = Infinity } = this.policy;
    return Date.now() - this.since >= afterMilliseconds;
  }

  /** Whether a run that ends at this revision should write a snapshot. */
  isSnapshotDue(revision: number): boolean {
    const { revision: last, bytes = 0 } = this.latest;
    return revision - last >= Math.max(this.policy.snapshotEvery, bytes / BYTES_PER_EVENT);
  }

  /**
   * Whether an entity can be passivated with the last snapshot, because reading the events since
   * then is cheaper than a new one.
   */
  isSnapshotGoodEnough(revision: number): boolean {
    const { revision: last, bytes, isOwed } = this.latest;
    return bytes !== undefined && !isOwed && revision - last < bytes / BYTES_PER_EVENT;
  }

  /** Writes a snapshot. If that fails, it is not retried until the next one is due. */
  async save(stream: string, snapshot: Snapshot): Promise<boolean> {
    const { fold, ring, effects = [] } = snapshot;
    const { revision } = fold;
    this.latest = { revision, isOwed: effects.length > 0 };
    // An entity without events and outcomes has nothing to save.
    if (revision < 0 && ring.entries.length === 0) return true;
    const { isSaved, bytes } = await saveSnapshot({ stream, snapshot });
    this.latest = { ...this.latest, bytes };
    return isSaved;
  }
}

/**
 * The latest snapshot at the start of a run: the one that was loaded, or else the one that the
 * previous run knew.
 */
export function latestSnapshot(loaded: LoadResult, carried: Carried | undefined): SnapshotMark {
  const { snapshotRevision: revision, snapshotBytes: bytes } = loaded;
  if (revision !== undefined) return { revision, bytes };
  const { snapshotRevision = -1, snapshotBytes, owesSnapshot } = carried ?? {};
  return { revision: snapshotRevision, bytes: snapshotBytes, isOwed: owesSnapshot };
}
