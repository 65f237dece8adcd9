import { type InjectedSinks, NativeConnection, Worker, type WorkerInterceptors } from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';
import type { Logger } from './logger.js';
import { deploymentOf, type WorkerBuild } from './worker-deployment.js';
import { connectionTo, type TemporalAddress } from './temporal-client.js';
import { installTemporalRuntime } from './temporal-runtime.js';

const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
/**
 * Workflow tasks that a worker handles at a time. A task has to finish within three seconds. A busy
 * machine that takes forty at once finishes none, and starts all of them again. Those in the queue
 * can wait.
 */
export const WORKFLOW_TASKS = 16;

/** How many tasks of each kind a worker handles at a time. */
export interface TaskSlots {
  readonly workflowTasks?: number | undefined;
  readonly localActivities?: number | undefined;
  readonly activities?: number | undefined;
}

export interface WorkerHostOptions extends TemporalAddress {
  readonly taskQueue: string;
  /**
   * Path of the bundle built from the app's workflows. Without it, this worker runs only
   * activities.
   */
  readonly workflowBundle?: string;
  readonly activities: object;
  readonly interceptors?: WorkerInterceptors;
  /**
   * Workflow runs cached in memory, some 300 KB each (default: depends on the heap size). Any other
   * run is replayed from its history when needed.
   */
  readonly cachedWorkflows?: number;
  /** How many tasks it handles at a time. What is missing has a default. */
  readonly slots?: TaskSlots;
  /** The build of its workflows, if Temporal is to tell builds apart. */
  readonly build?: WorkerBuild;
  /** Sinks that its workflows call in this process. */
  readonly sinks?: InjectedSinks<Sinks>;
  readonly logger: Logger;
}

/** A worker that is kept running. */
export interface WorkerHost {
  /** Whether it is polling its task queue. */
  isRunning(): boolean;
  /** Stops polling, lets running tasks end within a time limit, and disconnects. */
  shutdown(): Promise<void>;
}

/**
 * Runs a worker and restarts it with a growing pause whenever it ends by itself, also if Temporal
 * is unavailable at the start.
 */
export function startWorker(options: WorkerHostOptions): WorkerHost {
  installTemporalRuntime(options.logger);
  const host = new RestartingWorker(options);
  host.start();
  return host;
}

class RestartingWorker implements WorkerHost {
  private worker: Worker | undefined;
  private connection: NativeConnection | undefined;
  private isStopping = false;
  private loop: Promise<void> = Promise.resolve();
  private wakeUp = (): void => undefined;

  constructor(private readonly options: WorkerHostOptions) {}

  start(): void {
    this.loop = this.keepRunning();
  }

  isRunning(): boolean {
    return this.worker?.getState() === 'RUNNING';
  }

  async shutdown(): Promise<void> {
    this.isStopping = true;
    this.wakeUp();
    if (this.isRunning()) this.worker?.shutdown();
    await this.loop;
  }

  private async keepRunning(): Promise<void> {
    const { logger, taskQueue } = this.options;
    let pause = FIRST_PAUSE_MILLISECONDS;
    while (!this.isStopping) {
      const startedAt = Date.now();
      try {
        await this.runOnce();
      } catch (error) {
        logger.warn({ err: error, taskQueue, retryInMilliseconds: pause }, 'the worker is not running');
      }
      if (this.isStopping) return;
      if (Date.now() - startedAt > 60_000) pause = FIRST_PAUSE_MILLISECONDS;
      await this.sleep(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    }
  }

  private async runOnce(): Promise<void> {
    const { namespace, taskQueue, workflowBundle, activities } = this.options;
    const { cachedWorkflows, interceptors, sinks, build, slots = {} } = this.options;
    const { workflowTasks = WORKFLOW_TASKS, localActivities, activities: activityTasks } = slots;
    this.connection = await NativeConnection.connect(connectionTo(this.options));
    try {
      this.worker = await Worker.create({
        connection: this.connection,
        namespace,
        taskQueue,
        ...(workflowBundle !== undefined && { workflowBundle: { codePath: workflowBundle } }),
        activities,
        maxConcurrentWorkflowTaskExecutions: workflowTasks,
        ...(localActivities !== undefined && { maxConcurrentLocalActivityExecutions: localActivities }),
        ...(activityTasks !== undefined && { maxConcurrentActivityTaskExecutions: activityTasks }),
        ...(cachedWorkflows !== undefined && { maxCachedWorkflows: cachedWorkflows }),
        ...(interceptors && { interceptors }),
        ...(sinks && { sinks }),
        ...(build && { workerDeploymentOptions: deploymentOf(build) }),
        // The entities of a killed worker are taken over as soon as its workflow tasks are.
        stickyQueueScheduleToStartTimeout: '3s',
        shutdownGraceTime: '2s',
        shutdownForceTime: '6s',
      });
      if (!this.isStopping) await this.worker.run();
    } finally {
      this.worker = undefined;
      await this.connection.close();
    }
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
