import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import { turns } from './turns.js';

/**
 * One durable timer for the earliest deadline. A timer that would ring too early is left to ring
 * and then set again, because moving it with every command would add two events to the history each
 * time.
 */
export class Alarm {
  /** The deadline whose timer has rung, until `reset`. */
  rungFor: Timestamp | undefined;
  /** Whether the timer is cancelled once there is no deadline; otherwise it rings for nothing. */
  endsTimers = false;
  private setFor: Timestamp | undefined;
  private scope: CancellationScope | undefined;

  /** Ensures that the alarm rings no later than `deadline`. */
  set(deadline: Timestamp | undefined): void {
    if (deadline === undefined) return this.endsTimers ? this.silence() : undefined;
    if (this.setFor !== undefined && this.setFor <= deadline) return;
    this.silence();
    this.setFor = deadline;
    const scope = new CancellationScope();
    this.scope = scope;
    scope
      .run(async () => {
        await turns.later(sleep(Math.max(1, toMilliseconds(deadline) - Date.now())));
        this.setFor = undefined;
        this.rungFor = deadline;
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
  }

  reset(): void {
    this.rungFor = undefined;
  }

  private silence(): void {
    this.scope?.cancel();
    this.scope = undefined;
    this.setFor = undefined;
  }
}

/** The time of the workflow task, which is the same in every replay. */
export function currentTime(): Timestamp {
  return toTimestamp(Date.now());
}
