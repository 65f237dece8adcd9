import { ConfigError } from '#libs/api/http/read-config.js';
import type { TaskSlots } from '#libs/runtime/worker-host.js';
import type { WorkerRole } from '../role.js';
import type { WorkerSettings } from '../worker-settings.js';

/** The smallest number of workflows that a worker can cache. */
const FEWEST_CACHED = 2;

interface Wanted {
  /** The task queues of the entities that the process hosts. */
  readonly queues: readonly string[];
  readonly roles: readonly WorkerRole[];
  readonly settings: readonly WorkerSettings[];
  /** Workflows to cache where the settings do not say how many. */
  readonly cachedEntities: number;
}

/** A Temporal worker to start. */
export interface PlannedWorker {
  readonly role: WorkerRole;
  /** The queue of the entities. Effects and calls have queues of their own, named after it. */
  readonly taskQueue: string;
  readonly slots: TaskSlots;
  readonly cachedWorkflows: number;
}

/**
 * The workers of a process: one for each role and task queue. A role that no settings mention runs
 * on all queues, with defaults. Throws `ConfigError` if a task queue does not exist.
 */
export function planWorkers({ queues, roles, settings, cachedEntities }: Wanted): readonly PlannedWorker[] {
  for (const { taskQueue } of settings) {
    if (taskQueue === undefined || queues.includes(taskQueue.name)) continue;
    throw new ConfigError(
      `${taskQueue.place}: there is no task queue ${taskQueue.name}; there are ${queues.join(', ')}`,
    );
  }
  return roles.flatMap((role) => {
    const given = settings.filter((one) => one.roles.includes(role));
    const each: readonly Omit<WorkerSettings, 'roles'>[] = given.length > 0 ? given : [{}];
    return each.flatMap(({ taskQueue, slots = {}, cache }) => {
      const polled = taskQueue === undefined ? queues : [taskQueue.name];
      const share = cache === undefined ? cachedEntities / queues.length : cache / polled.length;
      const cachedWorkflows = Math.max(FEWEST_CACHED, Math.floor(share));
      return polled.map((name) => ({ role, taskQueue: name, slots, cachedWorkflows }));
    });
  });
}
