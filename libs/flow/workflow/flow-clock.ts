import { workflowInfo } from '@temporalio/workflow';
import { turns } from '#libs/entity/workflow/turns.js';

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

  /** Notes the time that was recorded with something. */
  note(at: number | undefined): void {
    if (at !== undefined) this.latest = Math.max(this.latest, at);
  }
}

/** That of this workflow. */
export const clock = new FlowClock();
