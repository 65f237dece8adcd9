import type { DynamicModule } from '@nestjs/common';
import type { Pool } from 'pg';
import type { EntityGateway } from '#libs/entity-client/entity-gateway.js';
import { createEntityController, gatewayToken } from '#libs/http/entity.controller.js';
import { createHealthController, HEALTH_CHECKS, type HealthCheck } from '#libs/http/health.controller.js';
import { createOpenApiController } from '#libs/http/openapi.controller.js';
import { openApiDocument } from '#libs/http/openapi.js';
import { createReadController, READ_POOL } from '#libs/http/read.controller.js';
import type { EntityService } from './entity-service.js';

const VERSION = '0.1.0';

/** What the routes are made of; without a gateway the process answers for its health only. */
export interface ServiceModuleParts {
  readonly pool: Pool;
  readonly gateway: EntityGateway | undefined;
  readonly healthChecks: readonly HealthCheck[];
}

class ServiceModule {}

/** The HTTP side of a service. */
export function serviceModule(
  { contract, present, reads }: EntityService,
  { pool, gateway, healthChecks }: ServiceModuleParts,
): DynamicModule {
  const health = {
    controllers: [createHealthController()],
    providers: [{ provide: HEALTH_CHECKS, useValue: healthChecks }],
  };
  if (!gateway) return { module: ServiceModule, ...health };
  return {
    module: ServiceModule,
    controllers: [
      ...health.controllers,
      createOpenApiController(openApiDocument(contract, reads, VERSION)),
      ...reads.map((read) => createReadController(read)),
      createEntityController(contract, present),
    ],
    providers: [
      ...health.providers,
      { provide: gatewayToken(contract), useValue: gateway },
      { provide: READ_POOL, useValue: pool },
    ],
  };
}
