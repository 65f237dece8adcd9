import { createEntityGateway } from '#libs/entity-client/temporal-entity-gateway.js';
import { createHttpApp } from '#libs/http/http-app.js';
import type { HealthCheck } from '#libs/http/health.controller.js';
import type { StopOrder } from '#libs/http/run-service.js';
import type { Logger } from '#libs/observability/logger.js';
import { engineChecks } from './engine-checks.js';
import { closersOf, connectEngines } from './engines.js';
import type { EntityService } from './entity-service.js';
import type { ServiceConfig } from './service-config.js';
import { serviceModule } from './service-module.js';
import { startRoles } from './start-roles.js';

/**
 * Starts the roles asked for. Engines that are away are waited for; meanwhile requests that need them are answered 503. The
 * parts come back in the order in which they have to stop: no more requests, no more work, then the connections.
 */
export async function startService(
  service: EntityService,
  config: ServiceConfig,
  logger: Logger,
): Promise<StopOrder> {
  const { name } = service.contract;
  const engines = connectEngines(name, config, logger);
  const roles = startRoles(service, config, engines, logger);
  const checks: HealthCheck[] = [...engineChecks(engines), ...roles.flatMap(({ check }) => check ?? [])];
  const { client, store, queryPool: pool } = engines;
  const gateway = config.ROLES.includes('api')
    ? createEntityGateway({ client, store, decider: service.decider, taskQueue: name })
    : undefined;
  const app = await createHttpApp(serviceModule(service, { pool, gateway, healthChecks: checks }), logger);
  await app.listen(config.PORT, config.HOST);
  logger.info({ port: config.PORT, roles: config.ROLES }, `the ${name} service is up`);
  return [[app], roles, closersOf(engines)];
}
