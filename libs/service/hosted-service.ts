import { ApiKeyParts } from '#libs/api-keys/api-key-parts.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { createLiveEntities } from '#libs/entity/gateway/live-entities.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import type { OutcomeMemory } from '#libs/entity/activities/outcome-memory.js';
import { withLargeInputs } from '#libs/flow/activities/large-inputs.js';
import { createOutcomeMemory } from '#libs/entity/memory/postgres-outcome-memory.js';
import type { StateProofDependencies } from '#libs/operations/proof/state-proof.dependencies.js';
import type { AtStep } from '#libs/core/step.js';
import type { AnyView } from '#libs/core/view-definition.js';
import type { Logger } from '#libs/runtime/logger.js';
import { checkVersions } from './check-versions.js';
import type { Engines } from './engines.js';
import { type HostedEntity, hostEntity } from './hosted-entity.js';
import type { ProcessLimits } from './process-limits.js';
import type { Service } from './service.js';
import type { ServiceConfig } from './service-config.js';
import type { WorkerSettings } from './worker-settings.js';

/** What a process needs to host a service. */
export interface HostingOptions {
  readonly engines: Engines;
  readonly config: ServiceConfig;
  readonly logger: Logger;
  /** How its workers run. Default: with the defaults of all. */
  readonly workers?: readonly WorkerSettings[] | undefined;
  /** Default: the name of the service, and no limits. */
  readonly process?: ProcessLimits | undefined;
  /** Called at each step of a command, in all roles. */
  readonly atStep?: AtStep | undefined;
}

/**
 * A service in a process. Its parts are built once and shared by all roles. Throws if a contract
 * and its upcasts disagree about the version of an event.
 */
export class HostedService {
  readonly name: string;
  readonly entities: readonly HostedEntity[];
  readonly outcomeMemory: OutcomeMemory;
  /**
   * The gateway to all entities, for requests and for the commands that effects send to other
   * entities.
   */
  readonly gateway: EntityGateway;
  /** The views of all entities. */
  readonly views: readonly AnyView[];
  readonly apiKeys: ApiKeyParts;
  /** What the doctor and the reconciler work with. */
  readonly proof: StateProofDependencies;

  constructor(
    readonly service: Service,
    readonly options: HostingOptions,
  ) {
    const { engines, config, logger } = options;
    service.entities.forEach(checkVersions);
    this.name = service.name;
    this.entities = service.entities.map((definition) => hostEntity(definition, engines.queryPool));
    this.outcomeMemory = createOutcomeMemory(engines.queryPool);
    const gateway = createEntityGateway({
      client: engines.client,
      store: engines.store,
      deciders: this.byCategory(({ decider }) => decider),
      commandIndexes: this.byCategory(({ commandIndex }) => commandIndex),
      outcomeMemory: this.outcomeMemory,
      partitions: config.TASK_QUEUE_PARTITIONS,
    });
    const flows = this.entities.flatMap(({ contract, isFlow }) => (isFlow ? [contract.name] : []));
    this.gateway = withLargeInputs(gateway, engines.blobs, (category) => flows.includes(category));
    this.views = this.entities.flatMap(({ keptViews }) => keptViews);
    this.apiKeys = new ApiKeyParts(engines.keyPool, logger);
    this.proof = {
      categories: this.entities.map(({ contract, decider, present, keptViews }) => {
        return { category: contract.name, decider, present, views: keptViews };
      }),
      pool: engines.pool,
      store: engines.store,
      kafka: engines.kafka,
      live: createLiveEntities(engines.client, config.TASK_QUEUE_PARTITIONS),
      logger,
    };
  }

  /** Selects a part of each entity, by category. */
  byCategory<Part>(part: (entity: HostedEntity) => Part): Readonly<Record<string, Part>> {
    return Object.fromEntries(this.entities.map((entity) => [entity.contract.name, part(entity)]));
  }
}
