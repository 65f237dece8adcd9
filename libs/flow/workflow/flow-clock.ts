import { workflowInfo } from '@temporalio/workflow';
import { turns } from '#libs/entity/workflow/turns.js';

/** The end of the year 9999. */
const LATEST = 253_402_300_799_999;

/**
 * The time of a flow: that of the latest thing which its function has learned, as recorded with it.
 * The time of a workflow task will not do: a local activity may end between two of them, and what
 * follows from its result may belong to either, in one replay or another.
 */
class FlowClock {
  private latest = -Infinity;

  /** Milliseconds since 1970. */
  now(): number {
    if (!turns.areTaken) return Date.now();
    return Math.max(this.latest, workflowInfo().runStartTime.getTime());
  }

  /** Notes the time that was recorded with something. Anyone may complete an activity with any. */
  note(at: unknown): void {
    if (Number.isSafeInteger(at) && (at as number) <= LATEST) {
      this.latest = Math.max(this.latest, at as number);
    }
  }
}

/** That of this workflow. */
export const clock = new FlowClock();
