import { toTimestamp } from '#libs/core/timestamp.js';
import { Alarm } from './alarm.js';
import { saveSnapshot } from './entity-activities.proxy.js';
import type { EntityInput, LoadResult, RestPolicy, Snapshot } from '#libs/entity/protocol/entity-messages.js';

type Carried = NonNullable<EntityInput['carried']>;

/** A snapshot is written when so many of its bytes, or fewer, come on each event that it spares reading. */
const BYTES_PER_EVENT = 256;

/** The latest snapshot, as far as a run knows it. */
export interface SnapshotMark {
  /** -1 when there is none. */
  readonly revision: number;
  /** In the store; unknown where it is not worth keeping. */
  readonly bytes?: number | undefined;
  /** Since then something came about that only a snapshot remembers: a rejection, or an effect that was done. */
  readonly isOwed?: boolean | undefined;
}

/**
 * When an entity leaves a snapshot behind, and when nothing has come for so long that it may end. As with deadlines, its one
 * timer is left to ring: what comes meanwhile costs no events.
 */
export class Rest {
  private readonly alarm = new Alarm();
  private since = Date.now();

  constructor(
    private readonly policy: RestPolicy,
    private latest: SnapshotMark,
  ) {}

  /** What the next run has to know. */
  carry(): Pick<Carried, 'snapshotRevision' | 'snapshotBytes' | 'owesSnapshot'> {
    const { revision, bytes, isOwed } = this.latest;
    return {
      snapshotRevision: revision,
      ...(bytes !== undefined && { snapshotBytes: bytes }),
      ...(isOwed && { owesSnapshot: true }),
    };
  }

  /** Something came about that only a snapshot remembers. */
  oweSnapshot(): void {
    this.latest = { ...this.latest, isOwed: true };
  }

  /** Something was done, or could not be done: the time begins anew. */
  touch(): void {
    this.since = Date.now();
  }

  /** Sees to it that the alarm rings once nothing has come for the time. */
  arm(): void {
    const { afterMilliseconds } = this.policy;
    if (afterMilliseconds !== undefined) this.alarm.set(toTimestamp(this.since + afterMilliseconds));
  }

  get hasRung(): boolean {
    return this.alarm.rungFor !== undefined;
  }

  /** The alarm was heard. */
  reset(): void {
    this.alarm.reset();
  }

  /** Whether nothing has come for the time. */
  get isIdle(): boolean {
    const { afterMilliseconds = Infinity } = this.policy;
    return Date.now() - this.since >= afterMilliseconds;
  }

  /** Whether so much has happened since the last snapshot that a run which ends leaves one behind. */
  isSnapshotDue(revision: number): boolean {
    const { revision: last, bytes = 0 } = this.latest;
    return revision - last >= Math.max(this.policy.snapshotEvery, bytes / BYTES_PER_EVENT);
  }

  /** Whether an entity that goes to rest may leave it at the last snapshot, for reading the events since costs less. */
  isSnapshotGoodEnough(revision: number): boolean {
    const { revision: last, bytes, isOwed } = this.latest;
    return bytes !== undefined && !isOwed && revision - last < bytes / BYTES_PER_EVENT;
  }

  /** Leaves a snapshot behind. One that cannot be saved is not tried again before the next is due. */
  async save(stream: string, snapshot: Snapshot): Promise<boolean> {
    const { fold, ring, effects = [] } = snapshot;
    const { revision } = fold;
    this.latest = { revision, isOwed: effects.length > 0 };
    // An entity that nothing ever happened to has nothing to leave.
    if (revision < 0 && ring.entries.length === 0) return true;
    const { isSaved, bytes } = await saveSnapshot({ stream, snapshot });
    this.latest = { ...this.latest, bytes };
    return isSaved;
  }
}

/** The snapshot that a run begins with: that of what it has loaded, else the one that the run before knew. */
export function latestSnapshot(loaded: LoadResult, carried: Carried | undefined): SnapshotMark {
  const { snapshotRevision: revision, snapshotBytes: bytes } = loaded;
  if (revision !== undefined) return { revision, bytes };
  const { snapshotRevision = -1, snapshotBytes, owesSnapshot } = carried ?? {};
  return { revision: snapshotRevision, bytes: snapshotBytes, isOwed: owesSnapshot };
}
