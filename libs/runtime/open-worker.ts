import { hostname } from 'node:os';
import { NativeConnection, TransportError, Worker } from '@temporalio/worker';
import { finishedTasks } from './finished-tasks.js';
import { type QUEUE_KINDS, type TaskQueueDepth, taskQueueDepth } from './task-queue-depth.js';
import { connectionTo } from './temporal-client.js';
import { deploymentOf } from './worker-deployment.js';
import { ACTIVITY_TASKS, WORKFLOW_TASKS, type WorkerHostOptions, type WorkerLoad } from './worker-host.js';
import type { WorkerSample } from './worker-progress.js';

const LOOK_MILLISECONDS = 3_000;

/** Temporal does not answer, so that no worker can be created. */
export class TemporalAwayError extends Error {
  override readonly name = 'TemporalAwayError';
}

/** A Temporal worker with its connection. */
export interface OpenWorker {
  /** Polls until it is shut down. Rejects if the worker dies. */
  run(): Promise<void>;
  isRunning(): boolean;
  /** Stops polling. What is under way ends, then `run` resolves. */
  shutdown(): void;
  load(): WorkerLoad;
  /** Asks Temporal for its task queue. Never rejects. */
  look(): Promise<WorkerSample & { readonly depth?: TaskQueueDepth }>;
  close(): Promise<void>;
}

/** Connects and creates a worker. Throws {@link TemporalAwayError} if Temporal does not answer. */
export async function openWorker(options: WorkerHostOptions): Promise<OpenWorker> {
  const connection = await NativeConnection.connect(connectionTo(options)).catch((cause: unknown) => {
    throw new TemporalAwayError('Temporal does not answer', { cause });
  });
  try {
    return new ConnectedWorker(options, connection, await createWorker(options, connection));
  } catch (error) {
    await connection.close();
    if (error instanceof TransportError) {
      throw new TemporalAwayError('Temporal does not answer', { cause: error });
    }
    throw error;
  }
}

function createWorker(options: WorkerHostOptions, connection: NativeConnection): Promise<Worker> {
  const { namespace, taskQueue, workflowBundle, activities, slots = {} } = options;
  const { cachedWorkflows, heartbeatsWithin, interceptors, dataConverter, sinks, build } = options;
  const { workflowTasks = WORKFLOW_TASKS, localActivities, activities: activityTasks } = slots;
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    identity: identity(),
    ...(workflowBundle !== undefined && { workflowBundle: { codePath: workflowBundle } }),
    activities,
    maxConcurrentWorkflowTaskExecutions: workflowTasks,
    ...(localActivities !== undefined && { maxConcurrentLocalActivityExecutions: localActivities }),
    ...(activityTasks !== undefined && { maxConcurrentActivityTaskExecutions: activityTasks }),
    ...(heartbeatsWithin !== undefined && { maxHeartbeatThrottleInterval: heartbeatsWithin }),
    ...(cachedWorkflows !== undefined && { maxCachedWorkflows: cachedWorkflows }),
    ...(interceptors && { interceptors }),
    ...(dataConverter && { dataConverter }),
    ...(sinks && { sinks }),
    ...(build && { workerDeploymentOptions: deploymentOf(build) }),
    // The entities of a killed worker are taken over as soon as its workflow tasks are.
    stickyQueueScheduleToStartTimeout: '3s',
    shutdownGraceTime: '2s',
  });
}

/** As the SDK's default: other processes on this machine have other ids. */
function identity(): string {
  return `${process.pid}@${hostname()}`;
}

class ConnectedWorker implements OpenWorker {
  private readonly kind: keyof typeof QUEUE_KINDS;

  constructor(
    private readonly options: WorkerHostOptions,
    private readonly connection: NativeConnection,
    private readonly worker: Worker,
  ) {
    this.kind = options.workflowBundle === undefined ? 'activities' : 'workflows';
  }

  run(): Promise<void> {
    return this.worker.run();
  }

  isRunning(): boolean {
    return this.worker.getState() === 'RUNNING';
  }

  shutdown(): void {
    if (this.isRunning()) this.worker.shutdown();
  }

  load(): WorkerLoad {
    const status = this.worker.getStatus();
    return {
      activations: status.numInFlightWorkflowActivations,
      activities: status.numInFlightNonLocalActivities,
      localActivities: status.numInFlightLocalActivities,
      cachedWorkflows: status.numCachedWorkflows,
    };
  }

  async look() {
    const { namespace, taskQueue, slots } = this.options;
    const asked = { namespace, taskQueue, kind: this.kind, identity: identity() };
    const depth = await this.connection
      .withDeadline(Date.now() + LOOK_MILLISECONDS, () =>
        taskQueueDepth(this.connection.workflowService, asked),
      )
      .catch(() => undefined);
    const { activations, activities } = this.load();
    return {
      polledAt: depth?.polledAt,
      activations,
      isFull: activities >= (slots?.activities ?? ACTIVITY_TASKS),
      finished: () => finishedTasks(taskQueue),
      ...(depth && { depth }),
    };
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
