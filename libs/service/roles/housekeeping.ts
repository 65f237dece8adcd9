import { startBlobSweeper } from '#libs/blob/blob-sweeper.js';
import { startForgetter } from '#libs/entity/memory/forgetter.js';
import { overdueEntities } from '#libs/entity/memory/overdue-entities.js';
import { startSweeper } from '#libs/entity/memory/sweeper.js';
import type { Stoppable } from '#libs/api/http/run-service.js';
import { areBlobsInUse } from '#libs/operations/flows/flow-blobs.js';
import { orphanedFlows } from '#libs/operations/flows/orphaned-flows.js';
import { startReconciler } from '#libs/operations/reconciler/reconciler.js';
import { keepSchedules } from '#libs/schedules/keep-schedules.js';
import { ScheduleActions } from '#libs/schedules/schedule-actions.js';
import type { HostedService } from '../hosted-service.js';

/**
 * Background work of a worker: it wakes lost entities, heals drift, deletes old outcomes, removes
 * blobs that are not needed any more, and makes schedules.
 */
export function startHousekeeping({ service, entities, gateway, proof, options }: HostedService): Stoppable {
  const { engines, config, logger } = options;
  const { client, queryPool: pool } = engines;
  const patienceSeconds = config.SWEEP_PATIENCE_SECONDS;
  const categories = entities.map(({ contract }) => contract.name);
  const types = entities.flatMap(({ contract, isFlow }) => (isFlow ? [contract.name] : []));
  const sweeper = startSweeper({
    sources: [
      ...(types.length > 0 ? [orphanedFlows({ client, pool, types, logger })] : []),
      overdueEntities({ pool, categories, patienceSeconds }),
    ],
    wake: (stream) => gateway.wake(stream),
    patienceSeconds,
    logger,
  });
  const forgetter = startForgetter({
    pool,
    outcomeHours: config.REJECTIONS_KEPT_HOURS,
    keyDays: config.REJECTED_KEYS_KEPT_DAYS,
    logger,
  });
  const blobSweeper = startBlobSweeper({
    blobs: engines.blobs,
    isInUse: areBlobsInUse({ client, pool, types }),
    everySeconds: types.length > 0 ? config.BLOB_SWEEP_SECONDS : 0,
    logger,
  });
  const reconciler = startReconciler({
    ...proof,
    everySeconds: config.RECONCILE_SECONDS,
    entities: config.RECONCILE_ENTITIES,
  });
  const schedules = keepSchedules({
    client,
    service: service.name,
    schedules: service.schedules ?? [],
    actions: new ScheduleActions(pool),
    partitions: config.TASK_QUEUE_PARTITIONS,
    logger,
  });
  const parts = [sweeper, forgetter, blobSweeper, reconciler, schedules];
  return { close: async () => void (await Promise.all(parts.map((part) => part.close()))) };
}
