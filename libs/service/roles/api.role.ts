import type { FactoryProvider } from '@nestjs/common';
import { Client } from '@temporalio/client';
import { Pool } from 'pg';
import { ApiKeys } from '#libs/api-keys/api-keys.js';
import { asyncApiDocument } from '#libs/api/documents/asyncapi.js';
import { mergeOpenApi } from '#libs/api/documents/merge-openapi.js';
import { openApiDocument } from '#libs/api/documents/openapi.js';
import { LiveProgress } from '#libs/api/entities/live-progress.js';
import { Timelines } from '#libs/api/timeline/timelines.js';
import { inTime } from '#libs/api/http/answer-in-time.js';
import { ApiDocuments } from '#libs/api/http/documents.controller.js';
import type { SearchSources } from '#libs/api/search/search-source.js';
import { Search } from '#libs/api/search/search.js';
import { searchDocument } from '#libs/api/search/search.openapi.js';
import { viewKey } from '#libs/core/view-definition.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { DryRuns } from '#libs/entity/gateway/dry-runs.js';
import { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import { CallbackProgress } from '#libs/flow/callbacks/callback-progress.js';
import { upcastingStore } from '#libs/event-store/upcasting-store.js';
import { OperatorActs } from '#libs/operations/audit/operator-acts.js';
import { apiKeysDocument } from '#libs/operations/api-keys/api-keys.openapi.js';
import { Doctor } from '#libs/operations/doctor/doctor.js';
import { doctorDocument } from '#libs/operations/doctor/doctor.openapi.js';
import { RelayOperations } from '#libs/operations/relays/relay-operations.js';
import { relaysDocument } from '#libs/operations/relays/relays.openapi.js';
import type { NeedSources } from '#libs/operations/overview/need-source.js';
import { overviewDocument } from '#libs/operations/overview/overview.openapi.js';
import { Overview } from '#libs/operations/overview/overview.js';
import { ProcessRegistry } from '#libs/operations/workers/process-registry.js';
import { HealthChecks } from '#libs/api/http/health.controller.js';
import { OperatedViews } from '#libs/operations/views/operated-views.js';
import { RebuildOperations } from '#libs/operations/views/rebuild-operations.js';
import { viewOperationsDocument } from '#libs/operations/views/view-operations.openapi.js';
import { SpreadFiles } from '#libs/operations/flows/spread-files.js';
import { ViewOperations } from '#libs/operations/views/view-operations.js';
import { HostedService } from '../hosted-service.js';

const VERSION = '0.1.0';

/** The providers that controllers inject. They do nothing before the first request. */
export const apiProviders: readonly FactoryProvider[] = [
  part(EntityGateway, ({ gateway }) => gateway),
  part(EventFeeds, feedsOf),
  part(StageFinder, stageFinderOf),
  part(DryRuns, ({ entities, options }) => new DryRuns(options.engines.store, entities)),
  part(EntityHistory, ({ entities, options }) => new EntityHistory(options.engines.store, entities)),
  {
    provide: Timelines,
    inject: [EntityGateway, EntityHistory, Client, StageFinder],
    useFactory: (gateway: EntityGateway, history: EntityHistory, client: Client, stages: StageFinder) =>
      new Timelines({ gateway, history, client, stages }),
  },
  part(Pool, ({ options }) => options.engines.queryPool),
  part(Client, ({ options }) => options.engines.client),
  part(ApiDocuments, documentsOf),
  part(Doctor, ({ proof }) => new Doctor(proof)),
  part(RelayOperations, relayOperationsOf),
  part(ViewOperations, viewOperationsOf),
  part(RebuildOperations, rebuildOperationsOf),
  part(ApiKeys, ({ apiKeys }) => apiKeys.keys),
  part(SpreadFiles, ({ gateway, options }) => new SpreadFiles(gateway, options.engines.blobs)),
  part(OperatorActs, ({ options }) => new OperatorActs(options.engines.queryPool)),
  part(Search, searchOf),
  {
    provide: Overview,
    inject: [HostedService, RelayOperations, ViewOperations, HealthChecks],
    useFactory: overviewOf,
  },
  part(LiveProgress, ({ options }) => new CallbackProgress(options.engines.client)),
];

function part(
  provide: FactoryProvider['provide'],
  useFactory: (hosted: HostedService) => object,
): FactoryProvider {
  return { provide, inject: [HostedService], useFactory };
}

/** Feeds show events in their current versions, as all other replies do. */
function feedsOf(hosted: HostedService): EventFeeds {
  const { engines, logger } = hosted.options;
  const upcasts = hosted.byCategory(({ decider }) => decider.upcasts ?? {});
  return new EventFeeds(upcastingStore(engines.store, upcasts), logger);
}

function stageFinderOf(hosted: HostedService): StageFinder {
  const { engines, logger } = hosted.options;
  const readSides = hosted.byCategory(({ commandIndex: index, views }) => {
    return { index, views };
  });
  return new StageFinder({ store: engines.store, pool: engines.queryPool, readSides, logger });
}

function searchOf({ entities, gateway, options: { engines, logger } }: HostedService): Search {
  const searched = entities.map(({ contract, reads, decider }) => {
    return { contract, reads, indexKey: viewKey(entityIndexView(decider)) };
  });
  const sources = Object.assign({}, ...entities.map(({ searches }) => searches)) as SearchSources;
  return new Search({ pool: engines.queryPool, gateway, entities: searched, sources, logger });
}

function overviewOf(
  { name, entities, views, options: { engines, logger } }: HostedService,
  relays: RelayOperations,
  viewOperations: ViewOperations,
  checks: HealthChecks,
): Overview {
  const { queryPool: pool } = engines;
  const needs = Object.assign({}, ...entities.map((entity) => entity.needs)) as NeedSources;
  const registry = new ProcessRegistry(pool);
  const own = { service: name, version: VERSION, views: views.map(viewKey), needs };
  return new Overview({ ...own, pool, registry, relays, viewOperations, checks, logger });
}

function documentsOf({ name, entities, service }: HostedService): ApiDocuments {
  const ofEntities = entities.map(({ contract, reads }) => openApiDocument(contract, reads, VERSION));
  const ofRoutes = entities.flatMap(({ routes }) => routes?.documents ?? []);
  const ofOperations = [viewOperationsDocument(name), relaysDocument(name), doctorDocument(name)];
  const ofAll = [searchDocument(), overviewDocument()];
  const ofKeys = service.managesApiKeys ? [apiKeysDocument()] : [];
  const contracts = entities.map(({ contract }) => contract);
  return new ApiDocuments(
    mergeOpenApi([
      ...ofEntities,
      ...ofRoutes,
      ...ofOperations,
      ...ofAll,
      ...ofKeys,
      ...(service.documents ?? []),
    ]),
    asyncApiDocument(contracts, VERSION),
  );
}

function relayOperationsOf({ name, entities, options }: HostedService): RelayOperations {
  const categories = entities.map(({ contract }) => contract.name);
  return new RelayOperations(options.engines.client, name, categories);
}

/** Operations may take longer than requests may, so they use the projector's pool. */
function viewOperationsOf(hosted: HostedService): ViewOperations {
  const { engines, logger } = hosted.options;
  const { pool, kafka, store } = engines;
  return new ViewOperations({ pool, kafka: inTime(kafka), store, views: operatedViewsOf(hosted), logger });
}

function rebuildOperationsOf(hosted: HostedService): RebuildOperations {
  const { pool, kafka } = hosted.options.engines;
  return new RebuildOperations({ pool, kafka: inTime(kafka), views: operatedViewsOf(hosted) });
}

function operatedViewsOf({ views }: HostedService): OperatedViews {
  return new OperatedViews(views);
}
