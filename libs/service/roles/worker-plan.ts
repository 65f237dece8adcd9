import { SERVICE_NAMES } from '#contracts/services.js';
import { ConfigError } from '#libs/api/http/read-config.js';
import {
  MOST_PARTITIONS,
  type Partitions,
  partitionsOf,
  undividedQueueOf,
} from '#libs/entity/protocol/task-queues.js';
import type { TaskSlots } from '#libs/runtime/worker-host.js';
import type { WorkerRole } from '../role.js';
import type { WorkerSettings } from '../worker-settings.js';

/** The smallest number of workflows that a worker can cache. */
const FEWEST_CACHED = 2;

/** What the workers of a process are planned from. */
export interface Wanted {
  /** The task queues of the entities that the process hosts, undivided. */
  readonly queues: readonly string[];
  readonly partitions: Partitions;
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
 * on all queues, with defaults. Only entities have partitions. Throws `ConfigError` if a task queue
 * does not exist.
 */
export function planWorkers(wanted: Wanted): readonly PlannedWorker[] {
  checkNames(wanted);
  return wanted.roles.flatMap((role) =>
    settingsFor(role, wanted).flatMap((settings) => workersOf(role, settings, wanted)),
  );
}

/**
 * A worker for a task queue of entities that is polled until it is empty, because it was one of
 * another number of partitions. Undefined if every worker of entities names its queue.
 */
export function planFormer(wanted: Wanted): Omit<PlannedWorker, 'taskQueue'> | undefined {
  const settings = settingsFor('entities', wanted).find((one) => one.taskQueue === undefined);
  const [planned] = settings ? workersOf('entities', settings, wanted) : [];
  return planned;
}

type Settings = Omit<WorkerSettings, 'roles'>;

function settingsFor(role: WorkerRole, { settings }: Wanted): readonly Settings[] {
  const given = settings.filter((one) => one.roles.includes(role));
  return given.length > 0 ? given : [{}];
}

function workersOf(role: WorkerRole, settings: Settings, wanted: Wanted): readonly PlannedWorker[] {
  const { taskQueue, slots = {}, cache } = settings;
  const all = queuesFor(role, wanted);
  const polled = taskQueue === undefined ? all : [queueFor(role, taskQueue.name)];
  const share = cache === undefined ? wanted.cachedEntities / all.length : cache / polled.length;
  const cachedWorkflows = Math.max(FEWEST_CACHED, Math.floor(share));
  return polled.map((name) => ({ role, taskQueue: name, slots, cachedWorkflows }));
}

function queuesFor(role: WorkerRole, { queues, partitions }: Wanted): readonly string[] {
  return role === 'entities' ? queues.flatMap((queue) => partitionsOf(queue, partitions)) : queues;
}

function queueFor(role: WorkerRole, name: string): string {
  return role === 'entities' ? name : undividedQueueOf(name);
}

/** A worker may also poll a former partition. */
function checkNames({ queues, partitions, settings }: Wanted): void {
  const divisible = new Set([...queues, ...SERVICE_NAMES]);
  for (const name of Object.keys(partitions)) {
    if (divisible.has(name)) continue;
    throw new ConfigError(
      `TASK_QUEUE_PARTITIONS: there is no task queue ${name}; there are ${[...divisible].join(', ')}`,
    );
  }
  for (const { taskQueue } of settings) {
    if (taskQueue === undefined) continue;
    const { name, place } = taskQueue;
    const isKnown = queues.some((queue) =>
      [queue, ...partitionsOf(queue, { [queue]: MOST_PARTITIONS })].includes(name),
    );
    if (isKnown) continue;
    const known = queues.flatMap((queue) => partitionsOf(queue, partitions));
    throw new ConfigError(`${place}: there is no task queue ${name}; there are ${known.join(', ')}`);
  }
}
