import type { EntityGateway } from '#libs/entity-client/entity-gateway.js';
import { startSweeper } from '#libs/entity-index/sweeper.js';
import { startForgetter } from '#libs/entity-memory/forgetter.js';
import type { Stoppable } from '#libs/http/run-service.js';
import type { Logger } from '#libs/observability/logger.js';
import type { Engines } from './engines.js';
import type { Service } from './service.js';
import type { ServiceConfig } from './service-config.js';

/** What a worker sees to beside its tasks: entities that were lost, and a memory that would grow for ever. */
export function startHousekeeping(
  { entities }: Service,
  { queryPool: pool, gateway }: Engines & { readonly gateway: EntityGateway },
  config: ServiceConfig,
  logger: Logger,
): Stoppable {
  const sweeper = startSweeper({
    pool,
    categories: entities.map(({ contract }) => contract.name),
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
  return { close: async () => void (await Promise.all([sweeper.close(), forgetter.close()])) };
}
