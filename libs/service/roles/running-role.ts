import type { HealthCheck } from '#libs/api/http/health.controller.js';
import type { Stoppable } from '#libs/api/http/run-service.js';
import type { WorkerHost } from '#libs/runtime/worker-host.js';

/**
 * A part of a process that works in the background until it is closed. `check` reports its health.
 */
export interface RunningRole extends Stoppable {
  readonly check: HealthCheck;
  /** The Temporal workers that do its work at present. */
  readonly workers?: readonly WorkerHost[];
}

/**
 * Whether workers do their work, and the state of each. One that an operator has paused does as it
 * was told. Why one has failed is not shown to everybody.
 */
export function healthOf(workers: readonly WorkerHost[]) {
  const states = workers.map((worker) => [worker.taskQueue, worker.status().state] as const);
  const isWell = (state: string) => state === 'running' || state === 'draining' || state === 'paused';
  return { ok: states.every(([, state]) => isWell(state)), detail: Object.fromEntries(states) };
}

/** Whether each consumer is at the end of its topic or catching up. */
export function areConsuming(consumers: readonly { readonly state: string }[]): boolean {
  return consumers.every(({ state }) => state === 'current' || state === 'behind');
}
