import { fileURLToPath } from 'node:url';
import { taskQueueOf } from '#contracts/services.js';
import {
  activitiesByCategory,
  entityInterceptors as interceptors,
} from '#libs/entity/activities/activities-by-category.js';
import type { CallDependencies } from '#libs/entity/activities/call-outside.js';
import { EffectTries, triesFor } from '#libs/entity/activities/effect-tries.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { entitySinks } from '#libs/entity/activities/entity-sinks.js';
import type { EntityActivities } from '#libs/entity/protocol/activity-messages.js';
import { callsQueueOf, effectsQueueOf } from '#libs/entity/protocol/task-queues.js';
import { createFlowActivities } from '#libs/flow/activities/flow.activities.js';
import { BatchTurns } from '#libs/flow/leaves/batch-turns.js';
import { createLeafActivities } from '#libs/flow/leaves/leaf.activities.js';
import type { FlowActivities } from '#libs/flow/protocol/flow-activities.js';
import { leavesQueueOf } from '#libs/flow/protocol/spread-messages.js';
import { showOpenWorkflows } from '#libs/runtime/open-workflows.js';
import { startWorker } from '#libs/runtime/start-worker.js';
import {
  type Supervision,
  WORKFLOW_TASKS,
  type WorkerHost,
  type WorkerHostOptions,
} from '#libs/runtime/worker-host.js';
import { callbackUrlOf } from '../callback-config.js';
import type { HostedService } from '../hosted-service.js';
import type { WorkerRole } from '../role.js';
import { temporalOf } from '../temporal-config.js';
import { FormerQueues } from './former-queues.js';
import { startHousekeeping } from './housekeeping.js';
import { healthOf, type RunningRole } from './running-role.js';
import { type PlannedWorker, planFormer, planWorkers, type Wanted } from './worker-plan.js';

/** The fewest events between two snapshots that an entity writes when one of its runs ends. */
const EVENTS_PER_SNAPSHOT = 500;

/**
 * Heartbeats of leaves reach Temporal within this time. By default it would be some 4 s, and as
 * much work would be repeated after a crash.
 */
const LEAF_HEARTBEATS = 1_000;

/** Runs the service's entities, their effects and the calls of flows in Temporal workers. */
export function startWorkerRole(
  hosted: HostedService,
  roles: readonly WorkerRole[],
  supervision: Supervision,
): RunningRole {
  const { config, workers: settings = [] } = hosted.options;
  // The entities of our own services share a task queue. An entity that
  // `libs/contracts/services.ts` does not list has its own.
  const queues = [...new Set(hosted.entities.map(({ contract }) => taskQueueOf(contract.name)))];
  const { TASK_QUEUE_PARTITIONS: partitions, CACHED_ENTITIES: cachedEntities } = config;
  const wanted = { queues, partitions, roles, settings, cachedEntities };
  const planned = planWorkers(wanted);
  const activities = { ...activitiesOf(hosted, triesIn(planned)), ...flowActivitiesOf(hosted) };
  const hasFlows = hosted.entities.some(({ isFlow }) => isFlow);
  const start = (worker: PlannedWorker) =>
    startWorker({ ...supervision, ...optionsOf(hosted, worker, activities) });
  const lasting = [
    ...planned.filter(({ role }) => role !== 'flows' || hasFlows).map(start),
    ...planned
      .filter(({ role }) => role === 'flows')
      .flatMap((worker) => leavesOf(hosted, worker))
      .map((options) => startWorker({ ...supervision, ...options })),
  ];
  const polled = planned.filter(({ role }) => role === 'entities').map(({ taskQueue }) => taskQueue);
  const former = formerQueues(hosted, wanted, polled, start);
  const workers = () => [...lasting, ...(former?.workers ?? [])];
  const types = hosted.entities.map(({ contract }) => contract.name);
  const besides = roles.includes('entities')
    ? [startHousekeeping(hosted), showOpenWorkflows(hosted.options.engines.client, types)]
    : [];
  const close = async () =>
    void (await Promise.all([
      ...lasting.map((worker) => worker.shutdown()),
      former?.close(),
      ...besides.map((one) => one.close()),
    ]));
  // A former queue comes and goes: the process can take requests before its worker has started.
  const check = { name: 'worker', check: async () => healthOf(lasting) };
  return {
    check,
    get workers() {
      return workers();
    },
    close,
  };
}

/** Polls the former task queues of the entities, unless each worker names its queue. */
function formerQueues(
  { entities, options }: HostedService,
  wanted: Wanted,
  polled: readonly string[],
  start: (worker: PlannedWorker) => WorkerHost,
): FormerQueues | undefined {
  const planned = planFormer(wanted);
  if (!wanted.roles.includes('entities') || !planned) return undefined;
  return new FormerQueues({
    client: options.engines.client,
    types: entities.map(({ contract }) => contract.name),
    queues: wanted.queues,
    polled,
    start: (taskQueue) => start({ ...planned, taskQueue }),
    logger: options.logger,
  });
}

/**
 * Entities, effects and the calls of flows have workers of their own, so that slow effects never
 * delay loading and appending, and slow calls delay neither.
 */
function optionsOf(
  { service, options: { config, logger, engines } }: HostedService,
  { role, taskQueue, slots, cachedWorkflows }: PlannedWorker,
  activities: EntityActivities & FlowActivities,
): WorkerHostOptions {
  const { dataConverter } = engines;
  const shared = { ...temporalOf(config), logger, interceptors, dataConverter, slots };
  const { runEffect, performStep, askEntity, readInbox, readInput, watchCallback } = activities;
  if (role === 'flows') return { ...shared, taskQueue: callsQueueOf(taskQueue), activities: { performStep } };
  if (role === 'effects') {
    const effects = { runEffect, performStep, askEntity, readInbox, readInput, watchCallback };
    return { ...shared, taskQueue: effectsQueueOf(taskQueue), activities: effects };
  }
  const { WORKER_BUILD_ID: buildId } = config;
  return {
    ...shared,
    taskQueue,
    workflowBundle: fileURLToPath(service.workflowBundle),
    // It runs effects too, because earlier versions scheduled them on this queue.
    activities,
    cachedWorkflows,
    ...(buildId !== undefined && { build: { service: service.name, buildId } }),
    sinks: entitySinks(logger),
  };
}

/** The worker of the leaves of spreads, next to that of calls, if there are any. */
function leavesOf(
  { service: { leaves = [] }, gateway: door, options: { config, engines, logger } }: HostedService,
  { taskQueue, slots }: PlannedWorker,
): readonly WorkerHostOptions[] {
  if (leaves.length === 0) return [];
  const parts = { blobs: engines.blobs, store: engines.store, door, turns: new BatchTurns() };
  const activities = createLeafActivities(parts, leaves);
  const polled = leavesQueueOf(taskQueue);
  return [
    {
      ...temporalOf(config),
      logger,
      interceptors,
      dataConverter: engines.dataConverter,
      slots,
      taskQueue: polled,
      activities,
      heartbeatsWithin: LEAF_HEARTBEATS,
    },
  ];
}

function flowActivitiesOf({ gateway, service, options }: HostedService): FlowActivities {
  const { store, blobs } = options.engines;
  return createFlowActivities({ sender: gateway, gateway, store, blobs, ...callsOf({ service, options }) });
}

/** The calls of a service, and the callback addresses that they get. */
function callsOf({ service, options }: Pick<HostedService, 'service' | 'options'>): CallDependencies {
  const callbackUrl = callbackUrlOf(options.config);
  const { calls = {} } = service;
  return {
    calls: typeof calls === 'function' ? calls(options.engines) : calls,
    ...(callbackUrl && { callbackUrl }),
  };
}

/** Those that the worker with the fewest workflow tasks can bear. */
function triesIn(planned: readonly PlannedWorker[]): EffectTries {
  const entities = planned.filter(({ role }) => role === 'entities');
  const slots = entities.map(({ slots: { workflowTasks = WORKFLOW_TASKS } }) => workflowTasks);
  return new EffectTries(triesFor(Math.min(WORKFLOW_TASKS, ...slots)));
}

function activitiesOf(hosted: HostedService, tries: EffectTries): EntityActivities {
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
    tries,
    clockToleranceMilliseconds: CLOCK_TOLERANCE_SECONDS * 1_000,
    logger,
    ...(atStep && { atStep }),
  };
  return activitiesByCategory(
    hosted.byCategory(({ contract: { commands }, decider, commandIndex, nameIndex }) =>
      createEntityActivities({ ...shared, decider, commands, commandIndex, nameIndex }),
    ),
    config.TASK_QUEUE_PARTITIONS,
  );
}
