import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { startSweeper } from '#libs/entity/memory/sweeper.js';
import { startForgetter } from '#libs/entity/memory/forgetter.js';
import type { Stoppable } from '#libs/api/http/run-service.js';
import type { Logger } from '#libs/runtime/logger.js';
import { startReconciler } from '#libs/operations/reconciler/reconciler.js';
import type { Engines } from './engines.js';
import type { Service } from './service.js';
import type { ServiceConfig } from './service-config.js';
import { stateProofOf } from './state-proof-of.js';

/** What a worker sees to beside its tasks: entities that were lost, what differs from its stream, and a memory that would grow. */
export function startHousekeeping(
  service: Service,
  engines: Engines & { readonly gateway: EntityGateway },
  config: ServiceConfig,
  logger: Logger,
): Stoppable {
  const { queryPool: pool, gateway } = engines;
  const sweeper = startSweeper({
    pool,
    categories: service.entities.map(({ contract }) => contract.name),
    wake: (stream) => gateway.wake(stream),
    patienceSeconds: config.SWEEP_PATIENCE_SECONDS,
    logger,
  });
  const forgetter = startForgetter({
    pool,
    outcomeHours: config.REJECTIONS_KEPT_HOURS,
    keyDays: config.REJECTED_KEYS_KEPT_DAYS,
    logger,
  });
  const reconciler = startReconciler({
    ...stateProofOf(service, engines, logger),
    everySeconds: config.RECONCILE_SECONDS,
    entities: config.RECONCILE_ENTITIES,
  });
  const parts = [sweeper, forgetter, reconciler];
  return { close: async () => void (await Promise.all(parts.map((part) => part.close()))) };
}
