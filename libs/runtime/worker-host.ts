import type { DataConverter } from '@temporalio/common';
import type { InjectedSinks, WorkerInterceptors } from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';
import type { Logger } from './logger.js';
import type { RestartPolicy } from './restart-policy.js';
import type { TaskQueueDepth } from './task-queue-depth.js';
import type { TemporalAddress } from './temporal-client.js';
import type { WorkerBuild } from './worker-deployment.js';
import type { WorkerPatience } from './worker-progress.js';

/**
 * Workflow tasks that a worker handles at a time. A task has to finish within three seconds. A busy
 * machine that takes forty at once finishes none, and starts all of them again. Those in the queue
 * can wait.
 */
export const WORKFLOW_TASKS = 16;
/** Activities, and local activities, that the SDK handles at a time unless it is told otherwise. */
export const ACTIVITY_TASKS = 100;

/** How many tasks of each kind a worker handles at a time. */
export interface TaskSlots {
  readonly workflowTasks?: number | undefined;
  readonly localActivities?: number | undefined;
  readonly activities?: number | undefined;
}

/** How workers are kept running. */
export interface Supervision {
  /** How often one that ends or is stuck is started again. Default: without limit. */
  readonly restart?: RestartPolicy | undefined;
  /** Called when a worker stays down. Its process cannot do its work any more, and should end. */
  onGivenUp?(worker: WorkerHost): void;
  /** Default: minutes. For tests. */
  readonly patience?: WorkerPatience;
}

export interface WorkerHostOptions extends TemporalAddress, Supervision {
  readonly taskQueue: string;
  /**
   * Path of the bundle built from the app's workflows. Without it, this worker runs only
   * activities.
   */
  readonly workflowBundle?: string;
  readonly activities: object;
  readonly interceptors?: WorkerInterceptors;
  /** How payloads are written. Default: as the SDK does. */
  readonly dataConverter?: DataConverter;
  /**
   * Workflow runs cached in memory, some 300 KB each (default: depends on the heap size). Any other
   * run is replayed from its history when needed.
   */
  readonly cachedWorkflows?: number;
  /** The longest time for which heartbeats are held back. Default: most of their timeout. */
  readonly heartbeatsWithin?: number;
  /** How many tasks it handles at a time. What is missing has a default. */
  readonly slots?: TaskSlots;
  /** The build of its workflows, if Temporal is to tell builds apart. */
  readonly build?: WorkerBuild;
  /** Sinks that its workflows call in this process. */
  readonly sinks?: InjectedSinks<Sinks>;
  readonly logger: Logger;
}

/**
 * `waiting`: Temporal does not answer. `restarting`: it has ended or was stuck, and is started
 * again after a pause. `failed`: it stays down. `draining`: it polls no more, and what is under way
 * ends. `paused`: it was told to stop, and nothing is under way.
 */
export type WorkerState =
  'starting' | 'waiting' | 'running' | 'restarting' | 'failed' | 'draining' | 'paused';

/** What a worker does at one time. */
export interface WorkerLoad {
  /** Steps of workflows that are being run. */
  readonly activations: number;
  readonly activities: number;
  readonly localActivities: number;
  readonly cachedWorkflows: number;
}

/** How a worker is doing. */
export interface WorkerStatus {
  readonly taskQueue: string;
  readonly state: WorkerState;
  /** Since the process started. */
  readonly restarts: number;
  readonly lastFailure?: { readonly at: string; readonly reason: string };
  /** While it exists. */
  readonly load?: WorkerLoad;
  /** As last heard from Temporal. */
  readonly depth?: TaskQueueDepth;
}

/** A worker that is kept running. */
export interface WorkerHost {
  readonly taskQueue: string;
  readonly slots: TaskSlots;
  /** Whether it runs workflows, and not only activities. */
  readonly runsWorkflows: boolean;
  /** Workflows that it may keep in memory, if it was told. */
  readonly cachedWorkflows?: number | undefined;
  /** Whether it is polling its task queue. */
  isRunning(): boolean;
  status(): WorkerStatus;
  /** Stops polling, and stays so until `resume`. What is under way ends. */
  pause(): void;
  resume(): void;
  /** Stops polling, lets running tasks end within a time limit, and disconnects. */
  shutdown(): Promise<void>;
}
