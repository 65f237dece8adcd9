import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';

/**
 * One durable timer for the earliest deadline. A timer that would ring too early is left to ring and then set again:
 * moving it at every command would cost two history events each time.
 */
export class Alarm {
  /** The deadline whose timer has rung, until `reset`. */
  rungFor: Timestamp | undefined;
  /** Whether its timer is ended when nothing is waited for any more; else it rings for nothing. */
  endsTimers = false;
  private setFor: Timestamp | undefined;
  private scope: CancellationScope | undefined;

  /** Makes sure that the alarm rings at `deadline` or before. */
  set(deadline: Timestamp | undefined): void {
    if (deadline === undefined) return this.endsTimers ? this.silence() : undefined;
    if (this.setFor !== undefined && this.setFor <= deadline) return;
    this.silence();
    this.setFor = deadline;
    const scope = new CancellationScope();
    this.scope = scope;
    scope
      .run(async () => {
        await sleep(Math.max(1, toMilliseconds(deadline) - Date.now()));
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

/** The time of the workflow task: the same in a replay. */
export function currentTime(): Timestamp {
  return toTimestamp(Date.now());
}
