import { patched } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';

const STREAM = 'perdure/reset-watch';

/**
 * A reset copies the history up to some workflow task into a new run and gives that run another
 * random seed. Nothing else tells the run of it. With the new seed, all named random streams are
 * dropped, so ours, from which nothing is drawn, disappears. The SDK has no public API for this;
 * `reset-in-temporal.spec.ts` fails if it changes.
 */
function watchFromNow(): void {
  getActivator().getNamedRandom(STREAM);
}

// Before the first activation, which may already contain a reset.
watchFromNow();

/**
 * Detects that the run was reset (`temporal workflow reset`). The answer is the same in every
 * replay.
 */
export class ResetWatch {
  private isReported = false;
  private loadedIn: string | undefined;

  constructor(private doubtedUpTo?: Timestamp) {}

  /** What the deciding activity needs. */
  request(): Pick<DecideRequest, 'loadedIn' | 'doubtedUpTo'> {
    const { loadedIn } = this;
    return { ...(loadedIn !== undefined && { loadedIn }), ...this.carry() };
  }

  /** What the next run needs. */
  carry(): Pick<DecideRequest, 'doubtedUpTo'> {
    const { doubtedUpTo } = this;
    return { ...(doubtedUpTo !== undefined && { doubtedUpTo }) };
  }

  /**
   * Notes the run that the state was loaded in. After a reset, commands sent until `resetAt` may
   * already have been answered.
   */
  noteLoad(runId: string | undefined, resetAt: Timestamp | undefined): void {
    this.loadedIn = runId;
    this.doubtedUpTo = resetAt ?? this.doubtedUpTo;
  }

  /** Whether there was a reset that `take` has not returned yet. */
  get hasSeenOne(): boolean {
    return this.isReported || !getActivator().namedRandomStreams.has(STREAM);
  }

  /**
   * Notes a reset that an activity has found: it runs for another run than the one that was loaded.
   */
  report(): void {
    this.isReported = true;
  }

  /**
   * Whether there was a reset since the last call. False in histories of older code that carried on
   * after one.
   */
  take(): boolean {
    if (!this.hasSeenOne) return false;
    watchFromNow();
    this.isReported = false;
    return patched('reload-after-reset');
  }
}
