import { createHttpApp } from '#libs/api/http/http-app.js';
import type { HealthCheck } from '#libs/api/http/health.controller.js';
import type { StopOrder } from '#libs/api/http/run-service.js';
import type { Logger } from '#libs/runtime/logger.js';
import { engineChecks } from './engine-checks.js';
import { closersOf, connectEngines } from './engines.js';
import { HostedService } from './hosted-service.js';
import { createApiRole } from './roles/api.role.js';
import { startRoles } from './roles/start-roles.js';
import type { Service } from './service.js';
import type { ServiceConfig } from './service-config.js';
import { serviceModule } from './service-module.js';

/**
 * Starts the roles in the configuration. They wait for servers that do not answer; until then, requests that need these are
 * answered 503. Returns the parts in the order in which they must stop: requests, work, connections.
 */
export async function startService(
  service: Service,
  config: ServiceConfig,
  logger: Logger,
): Promise<StopOrder> {
  const engines = connectEngines(service.name, config, logger);
  const hosted = new HostedService(service, { engines, config, logger });
  const roles = startRoles(hosted);
  const checks: HealthCheck[] = [...engineChecks(engines, config.ROLES), ...roles.map(({ check }) => check)];
  const api = createApiRole(hosted);
  const app = await createHttpApp(serviceModule(hosted, api, checks), logger);
  await app.listen(config.PORT, config.HOST);
  logger.info({ port: config.PORT, roles: config.ROLES }, `the ${service.name} service is up`);
  // Open feeds are requests: the server would wait for them.
  return [[api.feeds, app], roles, closersOf(engines)];
}
