import { fileURLToPath } from 'node:url';
import { taskQueueOf } from '#contracts/services.js';
import {
  activitiesByCategory,
  entityInterceptors as interceptors,
} from '#libs/entity/activities/activities-by-category.js';
import type { CallDependencies } from '#libs/entity/activities/call-outside.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { entitySinks } from '#libs/entity/activities/entity-sinks.js';
import type { EntityActivities } from '#libs/entity/protocol/activity-messages.js';
import { callsQueueOf, effectsQueueOf } from '#libs/entity/protocol/entity-messages.js';
import { createFlowActivities } from '#libs/flow/activities/flow.activities.js';
import type { FlowActivities } from '#libs/flow/protocol/flow-activities.js';
import { startWorker, type WorkerHost } from '#libs/runtime/worker-host.js';
import { callbackUrlOf } from '../callback-config.js';
import type { HostedService } from '../hosted-service.js';
import { temporalOf } from '../temporal-config.js';
import { startHousekeeping } from './housekeeping.js';
import type { RunningRole } from './running-role.js';

/** The fewest events between two snapshots that an entity writes when one of its runs ends. */
const EVENTS_PER_SNAPSHOT = 500;

/** The smallest number of workflows that a worker can cache. */
const FEWEST_CACHED = 2;

/** Runs the service's entities and their effects in Temporal workers. */
export function startWorkerRole(hosted: HostedService): RunningRole {
  const activities = { ...activitiesOf(hosted), ...flowActivitiesOf(hosted) };
  // The entities of our own services share a task queue. An entity that
  // `libs/contracts/services.ts` does not list has its own.
  const queues = [...new Set(hosted.entities.map(({ contract }) => taskQueueOf(contract.name)))];
  const cachedWorkflows = Math.max(
    FEWEST_CACHED,
    Math.floor(hosted.options.config.CACHED_ENTITIES / queues.length),
  );
  const workers = queues.flatMap((queue) => workersOf(hosted, queue, activities, cachedWorkflows));
  const housekeeping = startHousekeeping(hosted);
  const close = async () =>
    void (await Promise.all([...workers.map((worker) => worker.shutdown()), housekeeping.close()]));
  const check = async () => ({ ok: workers.every((worker) => worker.isRunning()) });
  return { check: { name: 'worker', check }, close };
}

/**
 * One worker for entities, one for effects and, in a service with flows, one for their calls, so
 * that slow effects never delay loading and appending, and slow calls delay neither.
 */
function workersOf(
  { service, entities: hosted, options: { config, logger } }: HostedService,
  taskQueue: string,
  activities: EntityActivities & FlowActivities,
  cachedWorkflows: number,
): readonly WorkerHost[] {
  const { WORKER_BUILD_ID: buildId } = config;
  const temporal = { ...temporalOf(config), logger };
  const entities = startWorker({
    ...temporal,
    taskQueue,
    workflowBundle: fileURLToPath(service.workflowBundle),
    // It runs effects too, because earlier versions scheduled them on this queue.
    activities,
    interceptors,
    cachedWorkflows,
    ...(buildId !== undefined && { build: { service: service.name, buildId } }),
    sinks: entitySinks(logger),
  });
  const { runEffect, performStep, askEntity, readInbox, watchCallback } = activities;
  const outside = { ...temporal, interceptors };
  const effects = startWorker({
    ...outside,
    taskQueue: effectsQueueOf(taskQueue),
    activities: { runEffect, performStep, askEntity, readInbox, watchCallback },
  });
  if (!hosted.some(({ isFlow }) => isFlow)) return [entities, effects];
  const calls = startWorker({ ...outside, taskQueue: callsQueueOf(taskQueue), activities: { performStep } });
  return [entities, effects, calls];
}

function flowActivitiesOf({ gateway, service, options }: HostedService): FlowActivities {
  const { store } = options.engines;
  return createFlowActivities({ sender: gateway, gateway, store, ...callsOf({ service, options }) });
}

/** The calls of a service, and the callback addresses that they get. */
function callsOf({ service, options }: Pick<HostedService, 'service' | 'options'>): CallDependencies {
  const callbackUrl = callbackUrlOf(options.config);
  return { calls: service.calls ?? {}, ...(callbackUrl && { callbackUrl }) };
}

function activitiesOf(hosted: HostedService): EntityActivities {
  const { config, engines, logger, atStep } = hosted.options;
  const { PASSIVATE_AFTER_SECONDS, CLOCK_TOLERANCE_SECONDS } = config;
  const idle = PASSIVATE_AFTER_SECONDS > 0 && {
    afterMilliseconds: PASSIVATE_AFTER_SECONDS * 1_000,
  };
  const shared = {
    store: engines.store,
    outcomeMemory: hosted.outcomeMemory,
    sender: hosted.gateway,
    ...callsOf(hosted),
    rest: { ...idle, snapshotEvery: EVENTS_PER_SNAPSHOT },
    clockToleranceMilliseconds: CLOCK_TOLERANCE_SECONDS * 1_000,
    logger,
    ...(atStep && { atStep }),
  };
  return activitiesByCategory(
    hosted.byCategory(({ contract: { commands }, decider, commandIndex, nameIndex }) =>
      createEntityActivities({ ...shared, decider, commands, commandIndex, nameIndex }),
    ),
  );
}
