import { patched } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { DecideRequest } from '#libs/entity/protocol/entity-messages.js';

const STREAM = 'perdure/reset-watch';

/**
 * A reset copies the history up to some workflow task into a new run and gives that another random seed: this is all that the run
 * is told of it. With the seed all named streams of random numbers begin anew, so ours, from which nothing is drawn, is gone. The SDK
 * has no public word for it; `reset-in-temporal.spec.ts` tells when that changes.
 */
function watchFromNow(): void {
  getActivator().getNamedRandom(STREAM);
}

// Before the first activation, which may hold a reset already.
watchFromNow();

/** Whether a run was reset (`temporal workflow reset`), as far as it has been replayed: at each point the same in every replay. */
export class ResetWatch {
  private isReported = false;
  private loadedIn: string | undefined;

  constructor(private doubtedUpTo?: Timestamp) {}

  /** What the activity has to know that decides. */
  request(): Pick<DecideRequest, 'loadedIn' | 'doubtedUpTo'> {
    const { loadedIn } = this;
    return { ...(loadedIn !== undefined && { loadedIn }), ...this.carry() };
  }

  /** What the next run has to know. */
  carry(): Pick<DecideRequest, 'doubtedUpTo'> {
    const { doubtedUpTo } = this;
    return { ...(doubtedUpTo !== undefined && { doubtedUpTo }) };
  }

  /** The state was loaded, in this run; after a reset, whatever was sent until `resetAt` may have been answered before. */
  noteLoad(runId: string | undefined, resetAt: Timestamp | undefined): void {
    this.loadedIn = runId;
    this.doubtedUpTo = resetAt ?? this.doubtedUpTo;
  }

  /** Whether there was a reset that was not taken note of. */
  get hasSeenOne(): boolean {
    return this.isReported || !getActivator().namedRandomStreams.has(STREAM);
  }

  /** An activity has found that it works for another run than the one that was loaded. */
  report(): void {
    this.isReported = true;
  }

  /** Takes note of a reset; false when there was none, or where a history of before goes on after it as if there was none. */
  take(): boolean {
    if (!this.hasSeenOne) return false;
    watchFromNow();
    this.isReported = false;
    return patched('reload-after-reset');
  }
}
