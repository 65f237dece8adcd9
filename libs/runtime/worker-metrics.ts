import { Counter, Gauge } from 'prom-client';
import type { WorkerHost } from './worker-host.js';

const shown = new Set<WorkerHost>();

const restarts = new Counter({
  name: 'perdure_worker_restarts_total',
  help: 'Restarts of the Temporal workers of this process, by task queue; reason: ended, stuck',
  labelNames: ['task_queue', 'reason'],
});

const state = new Gauge({
  name: 'perdure_worker_state',
  help: 'The state of each Temporal worker of this process: 1 for the one that it is in',
  labelNames: ['task_queue', 'state'],
  collect: () => {
    state.reset();
    for (const worker of shown) state.set({ task_queue: worker.taskQueue, state: worker.status().state }, 1);
  },
});

/** Shows the state of a worker in `/metrics`. */
export function showWorker(worker: WorkerHost): void {
  shown.add(worker);
}

/** No longer shows it. */
export function hideWorker(worker: WorkerHost): void {
  shown.delete(worker);
}

/** Counts a restart. `stuck`: it ran, and made no progress. */
export function countRestart(taskQueue: string, reason: 'ended' | 'stuck'): void {
  restarts.inc({ task_queue: taskQueue, reason });
}
