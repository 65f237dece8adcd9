import { fileURLToPath } from 'node:url';
import type { AtStep } from '#libs/core/step.js';
import { activitiesByCategory } from '#libs/entity/activities/activities-by-category.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { entitySinks } from '#libs/entity/activities/entity-sinks.js';
import { createCommandDoor } from '#libs/entity/gateway/command-door.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { TemporalEntityMessages } from '#libs/entity/gateway/temporal-entity-messages.js';
import { effectsQueueOf, type EntityActivities } from '#libs/entity/protocol/entity-messages.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import { createCommandIndex } from '#libs/entity/memory/postgres-command-index.js';
import { createNameIndex } from '#libs/entity/memory/postgres-name-index.js';
import { usedNamesView } from '#libs/entity/memory/used-names.projection.js';
import { createOutcomeMemory } from '#libs/entity/memory/postgres-outcome-memory.js';
import type { HealthCheck } from '#libs/api/http/health.controller.js';
import type { Stoppable } from '#libs/api/http/run-service.js';
import { startCommands } from '#libs/api/kafka-commands/start-commands.js';
import { startRelay } from '#libs/relay/start-relay.js';
import type { Logger } from '#libs/runtime/logger.js';
import { startProjector } from '#libs/read-model/start-projector.js';
import { startWorker } from '#libs/runtime/worker-host.js';
import type { Engines } from './engines.js';
import { startHousekeeping } from './housekeeping.js';
import type { Service } from './service.js';
import type { Role, ServiceConfig } from './service-config.js';
import { viewsOf } from './views-of.js';

/** Between the snapshots of an entity that never rests; each is written at the end of a run. */
const EVENTS_PER_SNAPSHOT = 500;

/** A part of a process that runs by itself; `check` tells whether it does. */
export interface RunningRole extends Stoppable {
  readonly check?: HealthCheck;
}

/** What roles work with. */
export interface RoleParts extends Engines {
  readonly gateway: EntityGateway;
  /** Of all that passes in these roles. */
  readonly atStep?: AtStep;
}

/** Starts the roles asked for. They wait for servers that are away. */
export function startRoles(
  service: Service,
  parts: RoleParts,
  config: ServiceConfig,
  logger: Logger,
): readonly RunningRole[] {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = config;
  const { client, store, kafka, pool, atStep } = parts;
  const observed = atStep && { atStep };
  const { name, entities } = service;
  const workflowBundle = fileURLToPath(service.workflowBundle);
  const temporal = { address, namespace, workflowBundle, logger };
  const start: Record<Role, () => RunningRole | undefined> = {
    api: () => undefined,
    worker: () => workerOf(service, parts, config, logger),
    relay: () => {
      const relayed = Object.fromEntries(entities.map((entity) => [entity.contract.name, entity]));
      const relaying = { service: name, entities: relayed, client, kafka, store, ...observed };
      const relay = startRelay({ ...temporal, ...relaying });
      const check = async () => ({ ok: relay.health().isReady, detail: relay.health().progress });
      return { close: () => relay.close(), check: { name: 'relay', check } };
    },
    projector: () => {
      const views = viewsOf(service);
      const projecting = { kafka, pool, store, views, groupPrefix: name, logger, ...observed };
      const projector = startProjector(projecting);
      const check = async () => {
        const detail = projector.health();
        return { ok: detail.every(({ state }) => state === 'current' || state === 'behind'), detail };
      };
      return { close: () => projector.close(), check: { name: 'projector', check } };
    },
    commands: () => commandsOf(service, parts, logger),
  };
  return config.ROLES.flatMap((role) => start[role]() ?? []);
}

/** A worker for entities, and one for their effects: none of these can hold up loading and appending. */
function workerOf(service: Service, parts: RoleParts, config: ServiceConfig, logger: Logger): RunningRole {
  const {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    CACHED_ENTITIES: cachedWorkflows,
  } = config;
  const { name } = service;
  const temporal = { address, namespace, logger };
  const activities = activitiesOf(service, parts, config, logger);
  // It takes effects, too: those that an earlier version has scheduled are on this queue.
  const worker = startWorker({
    ...temporal,
    taskQueue: name,
    workflowBundle: fileURLToPath(service.workflowBundle),
    activities,
    cachedWorkflows,
    sinks: entitySinks(logger),
  });
  const effects = startWorker({
    ...temporal,
    taskQueue: effectsQueueOf(name),
    activities: { runEffect: activities.runEffect },
  });
  const housekeeping = startHousekeeping(service, parts, config, logger);
  const close = async () =>
    void (await Promise.all([worker.shutdown(), effects.shutdown(), housekeeping.close()]));
  const check = async () => ({ ok: worker.isRunning() && effects.isRunning() });
  return { close, check: { name: 'worker', check } };
}

function commandsOf(
  { name, entities }: Service,
  { client, kafka, gateway }: RoleParts,
  logger: Logger,
): RunningRole {
  const door = createCommandDoor(new TemporalEntityMessages(client), gateway);
  const contracts = entities.map(({ contract }) => contract);
  const commands = startCommands({ service: name, contracts, kafka, door, logger });
  const check = async () => {
    const { isStarted, topics } = commands.health();
    const isWell = topics.every(({ state }) => state === 'current' || state === 'behind');
    return { ok: isStarted && isWell, detail: topics };
  };
  return { close: () => commands.close(), check: { name: 'commands', check } };
}

function activitiesOf(
  { entities, calls = {} }: Service,
  { store, queryPool, gateway: sender, atStep }: RoleParts,
  { PASSIVATE_AFTER_SECONDS, CLOCK_TOLERANCE_SECONDS }: ServiceConfig,
  logger: Logger,
): EntityActivities {
  const outcomeMemory = createOutcomeMemory(queryPool);
  const idle = PASSIVATE_AFTER_SECONDS !== undefined && {
    afterMilliseconds: PASSIVATE_AFTER_SECONDS * 1_000,
  };
  const rest = { ...idle, snapshotEvery: EVENTS_PER_SNAPSHOT };
  const clockToleranceMilliseconds = CLOCK_TOLERANCE_SECONDS * 1_000;
  const policies = { rest, clockToleranceMilliseconds };
  const shared = { store, outcomeMemory, logger, sender, calls, ...policies, ...(atStep && { atStep }) };
  const each = entities.map(({ contract, decider }) => {
    const commandIndex = createCommandIndex(queryPool, entityIndexView(decider));
    const nameIndex = createNameIndex(queryPool, usedNamesView(decider));
    return [
      contract.name,
      createEntityActivities({ ...shared, decider, commands: contract.commands, commandIndex, nameIndex }),
    ] as const;
  });
  return activitiesByCategory(Object.fromEntries(each));
}
