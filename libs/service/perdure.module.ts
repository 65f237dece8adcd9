import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, RouterModule } from '@nestjs/core';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { DocumentsController } from '#libs/api/http/documents.controller.js';
import { EndingRequests } from '#libs/api/http/ending-requests.provider.js';
import { HealthChecks, HealthController } from '#libs/api/http/health.controller.js';
import { MetricsController } from '#libs/api/http/metrics.controller.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { RequestLimits } from '#libs/api/http/request-limits.js';
import { SearchController } from '#libs/api/search/search.controller.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import { ActRecorder, RecordedService } from '#libs/operations/audit/act-recorder.provider.js';
import { ApiKeysController } from '#libs/operations/api-keys/api-keys.controller.js';
import { OverviewController } from '#libs/operations/overview/overview.controller.js';
import { OperationsModule } from '#libs/operations/operations.module.js';
import { createLogger } from '#libs/runtime/logger.js';
import { authenticatorFor } from './auth-config.js';
import { readProcessSettings } from './config-file/process-settings.js';
import { connectEngines, Engines } from './engines.js';
import { EntityFeature } from './entity.module.js';
import { HostedService } from './hosted-service.js';
import { limitsOf } from './limit-config.js';
import { PerdureOptions } from './perdure-options.js';
import { apiProviders } from './roles/api.role.js';
import { serviceConfig } from './service-config.js';
import { ServiceRoles } from './service-roles.provider.js';
import { tracedRequests } from './traced-requests.provider.js';

/**
 * The default of `config.PORT`. It has no effect if the application chooses the port in `listen`.
 */
const DEFAULT_PORT = 3000;

/** The options that an application passes. Those it leaves out have defaults. */
type GivenOptions = Pick<PerdureOptions, 'name' | 'workflowBundle'> & Partial<PerdureOptions>;

const providers: readonly Provider[] = [
  {
    provide: Engines,
    inject: [PerdureOptions, DiscoveryService],
    useFactory: ({ name, config, logger }: PerdureOptions, discovery: DiscoveryService) =>
      connectEngines(name, config, logger, flowsIn(discovery)),
  },
  {
    provide: HostedService,
    inject: [PerdureOptions, Engines, DiscoveryService],
    useFactory: hostedService,
  },
  tracedRequests,
  ServiceRoles,
  EndingRequests,
  {
    provide: Authenticator,
    inject: [PerdureOptions, HostedService],
    useFactory: ({ config, logger }: PerdureOptions, { apiKeys }: HostedService) =>
      authenticatorFor(config, apiKeys.verifier, logger),
  },
  {
    provide: RequestLimits,
    inject: [PerdureOptions],
    useFactory: ({ config }: PerdureOptions) => new RequestLimits(limitsOf(config)),
  },
  AccessControl,
  { provide: HealthChecks, useExisting: ServiceRoles },
  { provide: RequestLog, useExisting: PerdureOptions },
  ...apiProviders,
];

/** The record of what operators do through the routes. */
const recording: readonly Provider[] = [
  { provide: RecordedService, useExisting: PerdureOptions },
  ActRecorder,
];

/**
 * Connects to the servers and starts the roles for the entities of `EntityModule.forFeature()`.
 * Import it once, in the root module of a Nest application on Fastify. If `config` is missing, it
 * is read from the environment and `perdure.config.yaml`: see docs/configuration.md.
 */
@Module({})
export class PerdureModule {
  static forRoot(given: GivenOptions): DynamicModule {
    const options: PerdureOptions = {
      ...given,
      ...(given.config
        ? { config: given.config }
        : readProcessSettings(given.name, serviceConfig(DEFAULT_PORT), process.env)),
      logger: given.logger ?? createLogger(given.name),
    };
    const probes = [HealthController, MetricsController];
    const routes = [
      DocumentsController,
      SearchController,
      OverviewController,
      ...(options.managesApiKeys ? [ApiKeysController] : []),
    ];
    const operations = { path: `v1/operations/${options.name}`, module: OperationsModule };
    const hasRoutes = options.config.ROLES.includes('api');
    return {
      module: PerdureModule,
      global: true,
      imports: [
        DiscoveryModule,
        ...(hasRoutes ? [OperationsModule, RouterModule.register([operations])] : []),
      ],
      controllers: hasRoutes ? [...probes, ...routes] : probes,
      providers: [
        { provide: PerdureOptions, useValue: options },
        ...providers,
        ...(hasRoutes ? recording : []),
      ],
      exports: [PerdureOptions, RequestLog, RequestLimits, ...apiProviders.map(({ provide }) => provide)],
    };
  }
}

function hostedService(options: PerdureOptions, engines: Engines, discovery: DiscoveryService) {
  const { config, logger, workers, process, atStep, ...service } = options;
  return new HostedService(
    { ...service, entities: featuresIn(discovery) },
    { engines, config, logger, workers, process, atStep },
  );
}

/** The categories that are flows. */
function flowsIn(discovery: DiscoveryService): readonly string[] {
  return featuresIn(discovery).flatMap(({ contract, isFlow }) => (isFlow ? [contract.name] : []));
}

/** The entities, in the order in which the application imports them. */
function featuresIn(discovery: DiscoveryService) {
  return discovery
    .getProviders()
    .filter(({ token }) => token === EntityFeature)
    .map(({ instance }) => (instance as EntityFeature).definition);
}
