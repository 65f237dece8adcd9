import type { HealthCheck } from '#libs/api/http/health.controller.js';
import type { Stoppable } from '#libs/api/http/run-service.js';

/**
 * A part of a process that works in the background until it is closed. `check` reports its health.
 */
export interface RunningRole extends Stoppable {
  readonly check: HealthCheck;
}

/** Whether each consumer is at the end of its topic or catching up. */
export function areConsuming(consumers: readonly { readonly state: string }[]): boolean {
  return consumers.every(({ state }) => state === 'current' || state === 'behind');
}
