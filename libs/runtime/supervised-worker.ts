import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '#libs/core/error-text.js';
import { GrowingPause } from './growing-pause.js';
import { type OpenWorker, TemporalAwayError } from './open-worker.js';
import { Restarts } from './restart-policy.js';
import type { TaskQueueDepth } from './task-queue-depth.js';
import { within } from './within.js';
import type { WorkerHost, WorkerHostOptions, WorkerState, WorkerStatus } from './worker-host.js';
import { countRestart, hideWorker, showWorker } from './worker-metrics.js';
import { WORKER_PATIENCE, WorkerProgress } from './worker-progress.js';

/** How long a worker that is shut down may take. Then what it does is left to others. */
const SHUTDOWN_MILLISECONDS = 6_000;

/** It made no progress. */
class StuckError extends Error {
  override readonly name = 'StuckError';
}

/** It was stuck and does not end: only the end of the process ends it. */
class UnendingError extends Error {
  override readonly name = 'UnendingError';
}

type Options = Pick<
  WorkerHostOptions,
  | 'taskQueue'
  | 'workflowBundle'
  | 'slots'
  | 'cachedWorkflows'
  | 'restart'
  | 'onGivenUp'
  | 'patience'
  | 'logger'
>;

/** Keeps one worker running: see `startWorker`. `open` makes a new one. */
export class SupervisedWorker implements WorkerHost {
  readonly taskQueue: string;
  private readonly restarts: Restarts;
  private readonly away = new GrowingPause(500, 5_000);
  private readonly stopping = new AbortController();
  /** Aborted when the operator or `shutdown` wants something else. */
  private change = new AbortController();
  private worker: OpenWorker | undefined;
  private state: WorkerState = 'starting';
  private isPaused = false;
  private restarted = 0;
  private lastFailure: WorkerStatus['lastFailure'];
  private depth: TaskQueueDepth | undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: Options,
    private readonly open: () => Promise<OpenWorker>,
  ) {
    this.taskQueue = options.taskQueue;
    this.restarts = new Restarts(options.restart);
  }

  get slots() {
    return this.options.slots ?? {};
  }

  get runsWorkflows() {
    return this.options.workflowBundle !== undefined;
  }

  get cachedWorkflows() {
    return this.options.cachedWorkflows;
  }

  start(): void {
    showWorker(this);
    this.loop = this.keepRunning();
  }

  isRunning(): boolean {
    return this.worker?.isRunning() ?? false;
  }

  status(): WorkerStatus {
    const { taskQueue, restarted: restarts, lastFailure, depth, worker } = this;
    const isEnding = worker !== undefined && this.state === 'running' && !worker.isRunning();
    return {
      taskQueue,
      state: isEnding ? 'draining' : this.state,
      restarts,
      ...(lastFailure && { lastFailure }),
      ...(worker && { load: worker.load() }),
      ...(depth && { depth }),
    };
  }

  pause(): void {
    this.isPaused = true;
    this.worker?.shutdown();
    this.changed();
  }

  resume(): void {
    this.isPaused = false;
    this.changed();
  }

  async shutdown(): Promise<void> {
    const { logger, taskQueue } = this.options;
    this.stopping.abort();
    this.worker?.shutdown();
    this.changed();
    hideWorker(this);
    await within(this.loop, SHUTDOWN_MILLISECONDS, () =>
      logger.warn({ taskQueue }, 'a worker has tasks under way, which are left to other workers'),
    );
  }

  private changed(): void {
    this.change.abort();
    this.change = new AbortController();
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      if (this.isPaused) {
        this.state = 'paused';
        await untilAborted(this.change.signal);
        continue;
      }
      const startedAt = Date.now();
      const failure = await this.runOnce().then(
        () => undefined,
        (error: unknown) => error ?? new Error('unknown'),
      );
      if (this.stopping.signal.aborted) return;
      if (failure === undefined && this.isPaused) continue;
      if (!(await this.isToRestart(failure, Date.now() - startedAt))) return this.giveUp(failure);
    }
  }

  /** Waits before the next start. Resolves to false if there is to be none. */
  private async isToRestart(failure: unknown, ranMs: number): Promise<boolean> {
    const { logger, taskQueue } = this.options;
    const { signal } = this.change;
    if (failure instanceof TemporalAwayError) {
      if (this.state !== 'waiting') logger.warn({ err: failure, taskQueue }, 'the worker waits for Temporal');
      this.state = 'waiting';
      await this.away.wait(signal);
      return true;
    }
    this.lastFailure = { at: new Date().toISOString(), reason: reasonOf(failure) };
    const pause = failure instanceof UnendingError ? undefined : this.restarts.pauseAfter(ranMs);
    if (pause === undefined) return false;
    this.state = 'restarting';
    this.restarted += 1;
    countRestart(taskQueue, failure instanceof StuckError ? 'stuck' : 'ended');
    logger.warn({ err: failure, taskQueue, retryInMilliseconds: pause }, 'the worker is not running');
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    return true;
  }

  private giveUp(failure: unknown): void {
    const { logger, taskQueue } = this.options;
    this.state = 'failed';
    const fields = { err: failure, taskQueue, count: this.restarted };
    logger.fatal(fields, 'a worker has failed and stays down');
    this.options.onGivenUp?.(this);
  }

  private async runOnce(): Promise<void> {
    const worker = await this.open();
    this.worker = worker;
    this.away.reset();
    const ended = worker.run();
    this.state = 'running';
    if (this.stopping.signal.aborted || this.isPaused) worker.shutdown();
    try {
      await this.endWhenStuck(worker, ended);
    } finally {
      this.worker = undefined;
      // One that a worker still uses cannot be closed.
      await worker.close().catch(() => undefined);
    }
  }

  /** Looks at a worker as long as it runs, and ends it if it is stuck. */
  private async endWhenStuck(worker: OpenWorker, ended: Promise<void>): Promise<void> {
    const patience = this.options.patience ?? WORKER_PATIENCE;
    const progress = new WorkerProgress(patience);
    const over = new AbortController();
    const isOver = ended.then(
      () => over.abort(),
      () => over.abort(),
    );
    for (;;) {
      await sleep(patience.lookEvery, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
      if (over.signal.aborted) return ended;
      const sample = await Promise.race([worker.look(), isOver]);
      if (!sample) return ended;
      if (sample.depth) this.depth = sample.depth;
      // One that is told to stop does not poll.
      const reason = worker.isRunning() ? await progress.look(sample) : undefined;
      if (reason === undefined) continue;
      this.options.logger.error({ taskQueue: this.taskQueue, reason }, 'a worker is stuck, and is ended');
      worker.shutdown();
      await within(isOver, patience.end, () => {
        throw new UnendingError(`${reason}, and it does not end`);
      });
      throw new StuckError(reason);
    }
  }
}

function reasonOf(failure: unknown): string {
  if (failure instanceof StuckError || failure instanceof UnendingError) return failure.message;
  return failure instanceof Error ? errorText(failure) : 'it has ended';
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
