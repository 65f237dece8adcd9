import { toTimestamp } from '#libs/decider/timestamp.js';
import { Alarm } from './alarm.js';
import { saveSnapshot } from './entity-activities.proxy.js';
import type { RestPolicy, Snapshot } from './entity-messages.js';

/**
 * When an entity leaves a snapshot behind, and when nothing has come for so long that it may end. As with deadlines, its one
 * timer is left to ring: what comes meanwhile costs no events.
 */
export class Rest {
  private readonly alarm = new Alarm();
  private since = Date.now();

  constructor(
    private readonly policy: RestPolicy,
    /** Of the latest snapshot, -1 when there is none. */
    public snapshotRevision: number,
  ) {}

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

  /** Whether so much has happened since the last snapshot that one is due. */
  isSnapshotDue(revision: number): boolean {
    return revision - this.snapshotRevision >= this.policy.snapshotEvery;
  }

  /** Leaves a snapshot behind. One that cannot be saved is not tried again before the next is due. */
  async save(stream: string, snapshot: Snapshot): Promise<boolean> {
    const { fold, ring } = snapshot;
    this.snapshotRevision = fold.revision;
    // An entity that nothing ever happened to has nothing to leave.
    if (fold.revision < 0 && ring.entries.length === 0) return true;
    return (await saveSnapshot({ stream, snapshot })).isSaved;
  }
}
