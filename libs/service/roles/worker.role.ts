import { fileURLToPath } from 'node:url';
import { activitiesByCategory } from '#libs/entity/activities/activities-by-category.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { entitySinks } from '#libs/entity/activities/entity-sinks.js';
import { effectsQueueOf, type EntityActivities } from '#libs/entity/protocol/entity-messages.js';
import { startWorker } from '#libs/runtime/worker-host.js';
import type { HostedService } from '../hosted-service.js';
import { startHousekeeping } from './housekeeping.js';
import type { RunningRole } from './running-role.js';

/** Events between two snapshots of an entity that is never passivated; each run also ends with one. */
const EVENTS_PER_SNAPSHOT = 500;

/**
 * Runs the service's entities in one Temporal worker and their effects in another, so that slow effects never hold up loading
 * and appending.
 */
export function startWorkerRole(hosted: HostedService): RunningRole {
  const { config, logger } = hosted.options;
  const temporal = { address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE, logger };
  const activities = activitiesOf(hosted);
  // It runs effects too, because earlier versions scheduled them on this queue.
  const worker = startWorker({
    ...temporal,
    taskQueue: hosted.name,
    workflowBundle: fileURLToPath(hosted.service.workflowBundle),
    activities,
    cachedWorkflows: config.CACHED_ENTITIES,
    sinks: entitySinks(logger),
  });
  const effects = startWorker({
    ...temporal,
    taskQueue: effectsQueueOf(hosted.name),
    activities: { runEffect: activities.runEffect },
  });
  const housekeeping = startHousekeeping(hosted);
  const close = async () =>
    void (await Promise.all([worker.shutdown(), effects.shutdown(), housekeeping.close()]));
  const check = async () => ({ ok: worker.isRunning() && effects.isRunning() });
  return { check: { name: 'worker', check }, close };
}

function activitiesOf(hosted: HostedService): EntityActivities {
  const { config, engines, logger, atStep } = hosted.options;
  const { PASSIVATE_AFTER_SECONDS, CLOCK_TOLERANCE_SECONDS } = config;
  const idle = PASSIVATE_AFTER_SECONDS !== undefined && {
    afterMilliseconds: PASSIVATE_AFTER_SECONDS * 1_000,
  };
  const shared = {
    store: engines.store,
    outcomeMemory: hosted.outcomeMemory,
    sender: hosted.gateway,
    calls: hosted.service.calls ?? {},
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
