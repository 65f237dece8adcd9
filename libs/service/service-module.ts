import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { asyncApiDocument } from '#libs/api/documents/asyncapi.js';
import { createDocumentsController } from '#libs/api/http/documents.controller.js';
import {
  createEntityController,
  EVENT_FEEDS,
  gatewayToken,
  STAGE_FINDER,
} from '#libs/api/entities/entity.controller.js';
import { createHealthController, HEALTH_CHECKS, type HealthCheck } from '#libs/api/http/health.controller.js';
import { createMetricsController } from '#libs/api/http/metrics.controller.js';
import { mergeOpenApi } from '#libs/api/documents/merge-openapi.js';
import { openApiDocument } from '#libs/api/documents/openapi.js';
import { createReadController, READ_POOL } from '#libs/api/entities/read.controller.js';
import { createRelaysController, TEMPORAL_CLIENT } from '#libs/operations/relays/relays.controller.js';
import { relaysDocument } from '#libs/operations/relays/relays.openapi.js';
import { createRebuildController } from '#libs/operations/views/rebuild.controller.js';
import { RebuildOperations } from '#libs/operations/views/rebuild-operations.js';
import { createParkingController } from '#libs/operations/views/parking.controller.js';
import { createDoctorController, STATE_PROOF } from '#libs/operations/doctor/doctor.controller.js';
import { doctorDocument } from '#libs/operations/doctor/doctor.openapi.js';
import { createViewOperationsController } from '#libs/operations/views/view-operations.controller.js';
import { viewOperationsDocument } from '#libs/operations/views/view-operations.openapi.js';
import { ViewOperations } from '#libs/operations/views/view-operations.js';
import type { HostedEntity } from './hosted-entity.js';
import type { HostedService } from './hosted-service.js';
import type { ApiRole } from './roles/api.role.js';

const VERSION = '0.1.0';

class ServiceModule {}

/** The HTTP side of a service. Without the API role it serves health and metrics only. */
export function serviceModule(
  { name, entities, gateway, proof, options }: HostedService,
  { feeds, stages, viewOperations, rebuildOperations }: ApiRole,
  healthChecks: readonly HealthCheck[],
): DynamicModule {
  const health: Provider = { provide: HEALTH_CHECKS, useValue: healthChecks };
  const controllers = [createHealthController(), createMetricsController()];
  const { engines, config } = options;
  if (!config.ROLES.includes('api')) return { module: ServiceModule, controllers, providers: [health] };
  const documents = entities.map(({ contract, reads }) => openApiDocument(contract, reads, VERSION));
  const asyncApi = asyncApiDocument(
    entities.map(({ contract }) => contract),
    VERSION,
  );
  const operations = [viewOperationsDocument(name), relaysDocument(name), doctorDocument(name)];
  return {
    module: ServiceModule,
    controllers: [
      ...controllers,
      createDocumentsController(mergeOpenApi([...documents, ...operations]), asyncApi),
      createViewOperationsController(name),
      createRelaysController(
        name,
        entities.map(({ contract }) => contract.name),
      ),
      createDoctorController(name),
      createParkingController(name),
      createRebuildController(name),
      ...entities.flatMap(controllersOf),
    ],
    providers: [
      health,
      { provide: READ_POOL, useValue: engines.queryPool },
      { provide: TEMPORAL_CLIENT, useValue: engines.client },
      { provide: STATE_PROOF, useValue: proof },
      { provide: ViewOperations, useValue: viewOperations },
      { provide: RebuildOperations, useValue: rebuildOperations },
      { provide: EVENT_FEEDS, useValue: feeds },
      { provide: STAGE_FINDER, useValue: stages },
      ...entities.map(({ contract }) => ({ provide: gatewayToken(contract), useValue: gateway })),
    ],
  };
}

/** Lists come first: `GET /v1/accounts` belongs to no single account. */
function controllersOf({ contract, present, reads }: HostedEntity): readonly Type[] {
  return [...reads.map((read) => createReadController(read)), createEntityController(contract, present)];
}
