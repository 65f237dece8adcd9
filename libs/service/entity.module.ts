import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { entityControllers } from '#libs/api/entities/entity-controllers.js';
import { readController } from '#libs/api/entities/read.controller.js';
import { timelineController } from '#libs/api/timeline/timeline.controller.js';
import type { EntityDefinition } from './service.js';

/**
 * An entity that the application hosts. `PerdureModule` collects these providers from all modules.
 */
export class EntityFeature {
  constructor(readonly definition: EntityDefinition) {}
}

/** How a process hosts an entity. */
export interface FeatureOptions {
  /** False in a process that serves no requests. */
  readonly routes?: boolean;
}

/**
 * Hosts an entity in a Nest application that imports `PerdureModule.forRoot()`. This module adds
 * the entity's routes. `PerdureModule` starts the worker, relay, projector and command consumer
 * with the application.
 */
@Module({})
export class EntityModule {
  static forFeature(definition: EntityDefinition, options: FeatureOptions = {}): DynamicModule {
    const { contract, present, reads, complete, routes } = definition;
    const feature: Provider = { provide: EntityFeature, useValue: new EntityFeature(definition) };
    // Lists come first, because `GET /v1/accounts` is not about a single account.
    const controllers = [
      ...reads.map(readController),
      ...entityControllers(contract, present, complete),
      timelineController(definition),
      ...(routes?.controllers ?? []),
    ];
    return { module: EntityModule, providers: [feature], ...((options.routes ?? true) && { controllers }) };
  }
}
