import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import { createCommandIndex } from '#libs/entity/memory/postgres-command-index.js';
import { createOutcomeMemory } from '#libs/entity/memory/postgres-outcome-memory.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import type { Upcasts } from '#libs/core/upcast.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import type { HealthCheck } from '#libs/api/http/health.controller.js';
import type { StopOrder } from '#libs/api/http/run-service.js';
import { inTime } from '#libs/api/http/answer-in-time.js';
import { OperatedViews } from '#libs/operations/views/operated-views.js';
import { RebuildOperations } from '#libs/operations/views/rebuild-operations.js';
import { ViewOperations } from '#libs/operations/views/view-operations.js';
import type { Logger } from '#libs/runtime/logger.js';
import { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { engineChecks } from './engine-checks.js';
import { checkVersions } from './check-versions.js';
import { closersOf, connectEngines, type Engines } from './engines.js';
import type { Service } from './service.js';
import type { ServiceConfig } from './service-config.js';
import { serviceModule } from './service-module.js';
import { stateProofOf } from './state-proof-of.js';
import { startRoles } from './start-roles.js';
import { viewsOf } from './views-of.js';

/**
 * Starts the roles asked for. Engines that are away are waited for; meanwhile requests that need them are answered 503. The
 * parts come back in the order in which they have to stop: no more requests, no more work, then the connections.
 */
export async function startService(
  service: Service,
  config: ServiceConfig,
  logger: Logger,
): Promise<StopOrder> {
  service.entities.forEach(checkVersions);
  const engines = connectEngines(service.name, config, logger);
  const gateway = gatewayOf(service, engines);
  const roles = startRoles(service, { ...engines, gateway }, config, logger);
  const checks: HealthCheck[] = [
    ...engineChecks(engines, config.ROLES),
    ...roles.flatMap(({ check }) => check ?? []),
  ];
  const feeds = new EventFeeds(upcastingStore(engines.store, upcastsOf(service)), logger);
  const parts = {
    feeds,
    stages: stageFinderOf(service, engines, logger),
    client: engines.client,
    pool: engines.queryPool,
    gateway: config.ROLES.includes('api') ? gateway : undefined,
    viewOperations: viewOperationsOf(service, engines, logger),
    stateProof: stateProofOf(service, engines, logger),
    healthChecks: checks,
  };
  const app = await createHttpApp(serviceModule(service, parts), logger);
  await app.listen(config.PORT, config.HOST);
  logger.info({ port: config.PORT, roles: config.ROLES }, `the ${service.name} service is up`);
  // Feeds end only when they are told to: the requests that they are would hold up the end.
  return [[feeds, app], roles, closersOf(engines)];
}

/** Feeds tell events in their current versions, as every other answer does. */
function upcastsOf({ entities }: Service): Readonly<Record<string, Upcasts>> {
  const each = entities.map(({ contract, decider }) => [contract.name, decider.upcasts ?? {}] as const);
  return Object.fromEntries(each);
}

/** One door for all entities: its callers' requests, and what their effects send to any other. */
function gatewayOf({ entities }: Service, { client, store, queryPool }: Engines): EntityGateway {
  const deciders = Object.fromEntries(entities.map(({ contract, decider }) => [contract.name, decider]));
  const indexes = entities.map(({ contract, decider }) => {
    return [contract.name, createCommandIndex(queryPool, entityIndexView(decider))] as const;
  });
  const commandIndexes = Object.fromEntries(indexes);
  const outcomeMemory = createOutcomeMemory(queryPool);
  return createEntityGateway({ client, store, deciders, commandIndexes, outcomeMemory });
}

/** Who tells where commands stand on the read side. */
function stageFinderOf(
  { entities }: Service,
  { store, queryPool: pool }: Engines,
  logger: Logger,
): StageFinder {
  const sides = entities.map(({ contract, decider, views }) => {
    const index = createCommandIndex(pool, entityIndexView(decider));
    return [contract.name, { index, views: views.map(({ view }) => view) }] as const;
  });
  return new StageFinder({ store, pool, readSides: Object.fromEntries(sides), logger });
}

/** Operators may wait for longer than a request of anybody else: their work has the projector's pool. */
function viewOperationsOf(service: Service, { pool, kafka, store }: Engines, logger: Logger) {
  const views = new OperatedViews(viewsOf(service).map(({ view }) => view));
  return {
    views: new ViewOperations({ pool, kafka: inTime(kafka), store, views, logger }),
    rebuilds: new RebuildOperations({ pool, kafka: inTime(kafka), views }),
  };
}
