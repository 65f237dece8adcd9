import type { DynamicModule, Provider, Type } from '@nestjs/common';
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
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
import type { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { createReadController, READ_POOL } from '#libs/api/entities/read.controller.js';
import { createRelaysController, TEMPORAL_CLIENT } from '#libs/operations/relays/relays.controller.js';
import { relaysDocument } from '#libs/operations/relays/relays.openapi.js';
import { createRebuildController } from '#libs/operations/views/rebuild.controller.js';
import { RebuildOperations } from '#libs/operations/views/rebuild-operations.js';
import { createParkingController } from '#libs/operations/views/parking.controller.js';
import { createDoctorController, STATE_PROOF } from '#libs/operations/doctor/doctor.controller.js';
import { doctorDocument } from '#libs/operations/doctor/doctor.openapi.js';
import type { StateProofDependencies } from '#libs/operations/proof/state-proof.dependencies.js';
import { createViewOperationsController } from '#libs/operations/views/view-operations.controller.js';
import { viewOperationsDocument } from '#libs/operations/views/view-operations.openapi.js';
import { ViewOperations } from '#libs/operations/views/view-operations.js';
import type { HostedEntity, Service } from './service.js';

const VERSION = '0.1.0';

/** What the routes are made of; without a gateway the process answers for its health only. */
export interface ServiceModuleParts {
  readonly client: Client;
  readonly pool: Pool;
  readonly gateway: EntityGateway | undefined;
  readonly viewOperations: { readonly views: ViewOperations; readonly rebuilds: RebuildOperations };
  readonly stateProof: StateProofDependencies;
  readonly feeds: EventFeeds;
  readonly stages: StageFinder;
  readonly healthChecks: readonly HealthCheck[];
}

class ServiceModule {}

/** The HTTP side of a service. */
export function serviceModule(
  { name, entities }: Service,
  { client, pool, gateway, feeds, stages, viewOperations, stateProof, healthChecks }: ServiceModuleParts,
): DynamicModule {
  const health: Provider = { provide: HEALTH_CHECKS, useValue: healthChecks };
  const controllers = [createHealthController(), createMetricsController()];
  if (!gateway) return { module: ServiceModule, controllers, providers: [health] };
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
      { provide: READ_POOL, useValue: pool },
      { provide: TEMPORAL_CLIENT, useValue: client },
      { provide: STATE_PROOF, useValue: stateProof },
      { provide: ViewOperations, useValue: viewOperations.views },
      { provide: RebuildOperations, useValue: viewOperations.rebuilds },
      { provide: EVENT_FEEDS, useValue: feeds },
      { provide: STAGE_FINDER, useValue: stages },
      ...entities.map(({ contract }) => ({ provide: gatewayToken(contract), useValue: gateway })),
    ],
  };
}

/** The lists first: `GET /v1/accounts` is none of an entity. */
function controllersOf({ contract, present, reads }: HostedEntity): readonly Type[] {
  return [...reads.map((read) => createReadController(read)), createEntityController(contract, present)];
}
