import { setFlagsFromString } from 'node:v8';
import {
  DefaultLogger,
  type InjectedSinks,
  type LogEntry,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';
import type { Logger } from './logger.js';
import type { TemporalAddress } from './temporal-client.js';

const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
/**
 * Workflow tasks that a worker has in hand at a time. A task has three seconds from when it is taken, and is lost when they are
 * over: a busy machine that takes forty of them finishes none, and does them all again from the start. Those in the queue can wait.
 */
const WORKFLOW_TASKS = 16;

export interface WorkerHostOptions extends TemporalAddress {
  readonly taskQueue: string;
  /** Path of the bundle that the build made of the app's workflows. Absent: this worker runs activities only. */
  readonly workflowBundle?: string;
  readonly activities: object;
  /** Runs of workflows kept in memory, some 300 KB each (default: by the size of the heap); another one is replayed from its history when it is asked. */
  readonly cachedWorkflows?: number;
  /** What its workflows call in this process. */
  readonly sinks?: InjectedSinks<Sinks>;
  readonly logger: Logger;
}

/** A worker that is kept running. */
export interface WorkerHost {
  /** Whether it polls its task queue at this moment. */
  isRunning(): boolean;
  /** Stops polling, lets running tasks end (bounded), and disconnects. */
  shutdown(): Promise<void>;
}

/**
 * Runs a worker and starts it again, with a growing pause, whenever it ends by itself; also when Temporal is away at the
 * start.
 */
export function startWorker(options: WorkerHostOptions): WorkerHost {
  installRuntime(options.logger);
  const host = new RestartingWorker(options);
  host.start();
  return host;
}

/**
 * Frames kept of a stack in the sandbox. The SDK takes a stack of every promise that workflow code makes; keeping it cost
 * more than half of the workflow thread's time.
 */
const SANDBOX_STACK_FRAMES = 0;

let isInstalled = false;

/** Once per process, before any worker: signals are the process's own business, and the core logs through ours. */
function installRuntime(logger: Logger): void {
  if (isInstalled) return;
  isInstalled = true;
  // For contexts made from now on, which are the sandboxes; this one keeps its own limit.
  setFlagsFromString(`--stack-trace-limit=${SANDBOX_STACK_FRAMES}`);
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', (entry) => logEntry(logger, entry)),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
  });
}

function logEntry(logger: Logger, { level, message, meta }: LogEntry): void {
  const write = level === 'ERROR' ? logger.error : logger.warn;
  write.call(logger, meta ?? {}, message);
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
    const { address, namespace, taskQueue, workflowBundle, activities } = this.options;
    const { cachedWorkflows, sinks } = this.options;
    this.connection = await NativeConnection.connect({ address });
    try {
      this.worker = await Worker.create({
        connection: this.connection,
        namespace,
        taskQueue,
        ...(workflowBundle !== undefined && { workflowBundle: { codePath: workflowBundle } }),
        activities,
        maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
        ...(cachedWorkflows !== undefined && { maxCachedWorkflows: cachedWorkflows }),
        ...(sinks && { sinks }),
        // A killed worker's entities are taken over as soon as its workflow tasks are.
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
