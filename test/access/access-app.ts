import type { DynamicModule } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from '@temporalio/client';
import { Pool } from 'pg';
import { pino } from 'pino';
import { entityControllers } from '#libs/api/entities/entity-controllers.js';
import { readController } from '#libs/api/entities/read.controller.js';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { EndingRequests } from '#libs/api/http/ending-requests.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { type Limits, RequestLimits } from '#libs/api/http/request-limits.js';
import type { BlobStore } from '#libs/blob/blob-store.js';
import { ApiKeys } from '#libs/api-keys/api-keys.js';
import { timelineController } from '#libs/api/timeline/timeline.controller.js';
import { Timelines } from '#libs/api/timeline/timelines.js';
import { UnavailableError } from '#libs/core/problems.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { emptyFold, foldOnwards } from '#libs/entity/activities/fold-stream.js';
import type { CommandDoor } from '#libs/entity/gateway/entity-gateway.js';
import { DryRuns } from '#libs/entity/gateway/dry-runs.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import { Doctor } from '#libs/operations/doctor/doctor.js';
import { SpreadFiles } from '#libs/operations/flows/spread-files.js';
import { OperationsModule } from '#libs/operations/operations.module.js';
import { OperatorActs } from '#libs/operations/audit/operator-acts.js';
import { RelayOperations } from '#libs/operations/relays/relay-operations.js';
import { RebuildOperations } from '#libs/operations/views/rebuild-operations.js';
import { ViewOperations } from '#libs/operations/views/view-operations.js';
import { ApiKeysController } from '#libs/operations/api-keys/api-keys.controller.js';
import type { Service } from '#libs/service/service.js';
import type { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { GrpcError, scriptedTemporal } from '#libs/testing/scripted-temporal.js';

const NOT_FOUND = 5;
const logger = pino({ level: 'silent' });

class AccessModule {}
class FakesModule {}

/**
 * All routes of a service, over entities that rest in a store. Commands are decided by the real
 * activities, but never written, so that one case does not change the next. Whatever needs another
 * server is unavailable.
 */
export async function accessApp(
  service: Service,
  store: MemoryEventStore,
  authenticator: Authenticator,
): Promise<NestFastifyApplication> {
  const { entities, modules = [], name } = service;
  const controllers = [
    ...(service.managesApiKeys ? [ApiKeysController] : []),
    ...entities.flatMap(({ contract, decider, present, reads, complete, routes }) => [
      ...reads.map(readController),
      timelineController({ contract, decider, present }),
      ...(routes?.controllers ?? []),
      ...entityControllers(contract, present, complete),
    ]),
  ];
  const gateway = gatewayTo(service, store);
  const history = new EntityHistory(store, entities);
  const stages = { find: async () => ({ decided: { state: 'done' } }) } as object as StageFinder;
  const away = [Doctor, RelayOperations, ViewOperations, RebuildOperations, ApiKeys, Client];
  const providers = [
    { provide: Authenticator, useValue: authenticator },
    { provide: RequestLog, useValue: { logger } },
    { provide: RequestLimits, useValue: new RequestLimits(unlimited()) },
    { provide: EntityGateway, useValue: gateway },
    { provide: SpreadFiles, useValue: new SpreadFiles(gateway, unavailable() as BlobStore) },
    { provide: EventFeeds, useValue: endedFeeds(store) },
    { provide: StageFinder, useValue: stages },
    { provide: DryRuns, useValue: new DryRuns(store, entities) },
    { provide: EntityHistory, useValue: history },
    {
      provide: Timelines,
      useValue: new Timelines({ gateway, history, client: unavailable() as Client, stages }),
    },
    { provide: OperatorActs, useValue: { list: async () => ({ data: [] }) } },
    { provide: Pool, useValue: { query: async () => ({ rows: [] }) } },
    ...away.map((provide) => ({ provide, useValue: unavailable() })),
  ];
  const fakes: DynamicModule = {
    module: FakesModule,
    global: true,
    providers,
    exports: providers.map(({ provide }) => provide),
  };
  const operations = { path: `v1/operations/${name}`, module: OperationsModule };
  const app = await createHttpApp(
    {
      module: AccessModule,
      imports: [fakes, OperationsModule, RouterModule.register([operations]), ...modules],
      controllers,
      providers: [EndingRequests, AccessControl],
    },
    logger,
  );
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

/** Reads as the real gateway does while no workflow runs, and decides without writing. */
export function gatewayTo({ entities }: Service, store: MemoryEventStore): EntityGateway {
  const deciders = Object.fromEntries(entities.map(({ contract, decider }) => [contract.name, decider]));
  const client = scriptedTemporal({
    queryWorkflow: async () => {
      throw new GrpcError(NOT_FOUND, 'workflow not found');
    },
  });
  const gateway = createEntityGateway({ client, store, deciders });
  const execute: CommandDoor['execute'] = async (stream, batch) => {
    const decider = deciders[parseStreamName(stream)?.category ?? ''];
    if (!decider) throw new UnavailableError('worker');
    const unwritten = Object.assign(Object.create(store) as MemoryEventStore, {
      append: async (_: string, expected: number, { length }: { readonly length: number }) =>
        expected + length,
    });
    const activities = createEntityActivities({ decider, store: unwritten, logger });
    const fold = await foldOnwards(decider, store, stream, emptyFold(decider));
    const { outcomes } = await activities.decideAndAppend({
      stream,
      fold,
      batch,
      now: moment(),
      searchStream: false,
    });
    return outcomes;
  };
  return Object.assign(Object.create(gateway) as EntityGateway, {
    execute,
    send: async () => undefined,
    ask: async () => undefined,
  });
}

function unlimited(): Limits {
  const rate = { perSecond: 1_000_000, burst: 1_000_000 };
  const atATime = { caller: 1_000, process: 1_000 };
  return { rate, credentials: rate, atATime: { requests: atATime, waiting: atATime, feeds: atATime } };
}

/** Feeds that end at once. */
function endedFeeds(store: MemoryEventStore) {
  const ended = {
    batches: (async function* () {})(),
    idOf: () => 0n,
    close: () => undefined,
  };
  return {
    ofStream: async (_: string, stream: string) => (store.eventsOf(stream).length > 0 ? ended : undefined),
    ofCategory: async () => ended,
  };
}

/** Something every method of which needs a server that is away. */
function unavailable(): object {
  const fail = () => {
    throw new UnavailableError('server');
  };
  return new Proxy({}, { get: (_, key) => (isHook(key) ? undefined : fail) });
}

/** What Nest and promises look for in any provider. */
function isHook(key: string | symbol): boolean {
  return typeof key === 'symbol' || key === 'then' || /^(on(Module|Application)|before)/.test(key);
}
