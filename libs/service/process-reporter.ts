import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandTimes } from '#libs/api/entities/command-times.js';
import { decidedCommands } from '#libs/entity/activities/decision-rate.js';
import { hotEntities } from '#libs/entity/gateway/hot-entities.js';
import { recentDrift, recentlyProven } from '#libs/operations/proof/recent-drift.js';
import type {
  GivenOrder,
  ProcessRegistry,
  ReportingProcess,
} from '#libs/operations/workers/process-registry.js';
import type { ProcessReport, WorkerReport } from '#libs/operations/workers/workers.schemas.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import type { Logger } from '#libs/runtime/logger.js';
import {
  ACTIVITY_TASKS,
  type TaskSlots,
  WORKFLOW_TASKS,
  type WorkerHost,
} from '#libs/runtime/worker-host.js';
import type { ProcessEnd } from './process-end.js';
import type { ProcessLimits } from './process-limits.js';
import type { ServiceConfig } from './service-config.js';

const BEAT_MILLISECONDS = 3_000;
/** After an order, so that its effect is soon listed. */
const BUSY_MILLISECONDS = 500;
const BEATS_PER_HOUR = 1_200;

interface Reported {
  readonly service: string;
  readonly config: Pick<ServiceConfig, 'ROLES' | 'PORT' | 'WORKER_BUILD_ID'>;
  readonly limits: ProcessLimits;
  /** Those that it has at present. */
  readonly workers: () => readonly WorkerHost[];
  readonly end: ProcessEnd;
  readonly registry: ProcessRegistry;
  readonly logger: Logger;
}

/**
 * Reports how this process is doing every few seconds, and carries out what operators want of its
 * workers. A pause lasts as long as the process.
 */
export function reportProcess(reported: Reported): { close(): Promise<void> } {
  const reporter = new ProcessReporter(reported);
  const running = reporter.run();
  return { close: () => reporter.close(running) };
}

class ProcessReporter {
  private readonly stopping = new AbortController();
  private readonly process: ReportingProcess;

  constructor(private readonly reported: Reported) {
    const { service, config, limits } = reported;
    const id = `${limits.name}@${hostname()}:${config.PORT}`;
    this.process = { id, process: limits.name, service, instance: randomUUID() };
  }

  async run(): Promise<void> {
    const { registry, end, logger } = this.reported;
    const changes = new ChangeLog(logger);
    const { signal } = this.stopping;
    for (let beats = 0; !signal.aborted; beats += 1) {
      let pause = BEAT_MILLISECONDS;
      try {
        const beat = { report: this.report(), failure: end.failure };
        const orders = await registry.beat(this.process, beat);
        for (const order of orders) this.obey(order);
        if (orders.length > 0) pause = BUSY_MILLISECONDS;
        if (beats % BEATS_PER_HOUR === 0) await registry.forget();
        changes.well();
      } catch (error) {
        changes.failing('this process is missing in the list of workers', error);
      }
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Says that the process ends, so that its restart does not seem to follow a kill. */
  async close(running: Promise<void>): Promise<void> {
    this.stopping.abort();
    await running;
    const { registry, end } = this.reported;
    const last = { report: this.report(), failure: end.failure, isLast: true };
    await registry.beat(this.process, last).catch(() => undefined);
  }

  private obey({ verb, worker, operator }: GivenOrder): void {
    const { workers, end, logger } = this.reported;
    logger.info({ operator, taskQueue: worker, detail: verb }, 'an operator has given an order to workers');
    if (worker === undefined && verb !== 'pause') end.drain(verb === 'drain');
    for (const one of workers()) {
      if (worker !== undefined && worker !== one.taskQueue) continue;
      if (verb === 'resume') one.resume();
      else one.pause();
    }
  }

  private report(): ProcessReport {
    const { config, limits, workers, end } = this.reported;
    return {
      roles: [...config.ROLES],
      ...(config.WORKER_BUILD_ID !== undefined && { build: config.WORKER_BUILD_ID }),
      memoryBytes: process.memoryUsage.rss(),
      ...(limits.memoryBytes !== undefined && { memoryLimitBytes: limits.memoryBytes }),
      ...(end.unready !== undefined && { unready: end.unready }),
      workers: workers().map(reportOf),
      ...measured(),
    };
  }
}

/** What this process has noticed of late. */
function measured(): Partial<ProcessReport> {
  const times = commandTimes.summary();
  const [drift, proven, hot] = [recentDrift(), recentlyProven(), hotEntities.list()];
  return {
    decidedPerSecond: decidedCommands.perSecond(),
    ...(times && { commandTimes: times }),
    ...(drift.length > 0 && { drift: [...drift] }),
    ...(proven.length > 0 && { proven: [...proven] }),
    ...(hot.length > 0 && { hotEntities: [...hot] }),
  };
}

function reportOf(worker: WorkerHost): WorkerReport {
  const { taskQueue, state, restarts, lastFailure, load, depth } = worker.status();
  const { cachedWorkflows: total } = worker;
  return {
    worker: taskQueue,
    state,
    restarts,
    ...(lastFailure && { lastFailure }),
    slots: slotsOf(worker.slots, load, worker.runsWorkflows),
    ...(total !== undefined && { cache: { used: load?.cachedWorkflows ?? 0, total } }),
    ...(depth && { backlog: depth.backlog, backlogSeconds: depth.backlogSeconds }),
  };
}

function slotsOf(
  {
    workflowTasks = WORKFLOW_TASKS,
    localActivities = ACTIVITY_TASKS,
    activities = ACTIVITY_TASKS,
  }: TaskSlots,
  load: ReturnType<WorkerHost['status']>['load'],
  runsWorkflows: boolean,
): WorkerReport['slots'] {
  const ofWorkflows = {
    workflowTasks: { used: load?.activations ?? 0, total: workflowTasks },
    localActivities: { used: load?.localActivities ?? 0, total: localActivities },
  };
  return {
    ...(runsWorkflows && ofWorkflows),
    activities: { used: load?.activities ?? 0, total: activities },
  };
}
