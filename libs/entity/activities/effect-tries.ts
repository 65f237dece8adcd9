import type { EffectResult, EffectTry } from '#libs/entity/protocol/activity-messages.js';
import { WORKFLOW_TASKS } from '#libs/runtime/worker-host.js';
import { within } from '#libs/runtime/within.js';

/** Milliseconds that an entity waits for an effect within its workflow task. */
const TRY_MILLISECONDS = 200;
/** Some attempts in a row that take longer would bring a workflow task near its time-out. */
const SLOW_MILLISECONDS = 50;
/** After an attempt that ended too late, nothing is tried for this long. */
const REST_MILLISECONDS = 1_000;

/** Tries that leave half of a worker's workflow tasks to the targets of the effects. */
export function triesFor(workflowTasks: number): number {
  return Math.floor(workflowTasks / 2);
}

/**
 * Tries effects within the workflow tasks of their entities. A task that waits for an effect cannot
 * be used by the target, which may be an entity of the same worker, so only some are tried at the
 * same time, and none while everything is slow.
 */
export class EffectTries {
  private underWay = 0;
  private restsUntil = 0;

  /** `limit`: how many at the same time, in this process. Default: for a worker with defaults. */
  constructor(private readonly limit = triesFor(WORKFLOW_TASKS)) {}

  /**
   * The result, if there is one soon. Otherwise the effect has to be run again under the same id:
   * the attempt may continue, but nobody hears of its result.
   */
  async try(run: () => Promise<EffectResult>): Promise<EffectTry> {
    const startedAt = performance.now();
    if (this.underWay >= this.limit || startedAt < this.restsUntil) return {};
    this.underWay += 1;
    const attempt = run().catch(() => undefined);
    const result = await within(attempt, TRY_MILLISECONDS, () => undefined);
    this.underWay -= 1;
    const now = performance.now();
    if (now - startedAt >= TRY_MILLISECONDS) this.restsUntil = now + REST_MILLISECONDS;
    if (!result) return { wasTried: true };
    return { result, ...(now - startedAt > SLOW_MILLISECONDS && { wasSlow: true }) };
  }
}
