import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { Pool, type PoolConfig } from 'pg';
import { accountContract } from '#contracts/account/account.contract.js';
import { createEntityGateway } from '#libs/entity-client/temporal-entity-gateway.js';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { createHttpApp } from '#libs/http/http-app.js';
import type { HealthCheck } from '#libs/http/health.controller.js';
import type { Stoppable, StopOrder } from '#libs/http/run-service.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { connectKafka } from '#libs/kafka/kafkajs-kafka.js';
import { startRelay } from '#libs/kafka/start-relay.js';
import type { Logger } from '#libs/observability/logger.js';
import { startProjector } from '#libs/read-model/start-projector.js';
import { connectTemporal } from '#libs/temporal/temporal-client.js';
import { startWorker } from '#libs/temporal/worker-host.js';
import type { AccountConfig, Role } from './account.config.js';
import { createAccountActivities } from './activities/account.activities.js';
import { accountDecider } from './domain/account.decider.js';
import { engineChecks } from './health-checks.js';
import { accountModule } from './account.module.js';
import { accountViews } from './read-model/account.views.js';

/** The longest that a reader of the read models waits for PostgreSQL. */
const QUERY_MILLISECONDS = 3_000;
const WORKFLOW_BUNDLE = fileURLToPath(new URL('../workflows.bundle.js', import.meta.url));

interface Engines {
  readonly client: Client;
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly pool: Pool;
  /** For requests: bounded, where the projector's own transactions take what they need. */
  readonly queryPool: Pool;
}

/**
 * Starts the roles asked for. Engines that are away are waited for; meanwhile requests that need them are answered 503. The
 * parts come back in the order in which they have to stop: no more requests, no more work, then the connections.
 */
export async function startAccountService(config: AccountConfig, logger: Logger): Promise<StopOrder> {
  const engines = connect(config, logger);
  const roles = startRoles(config, engines, logger);
  const checks: HealthCheck[] = [...engineChecks(engines), ...roles.flatMap(({ check }) => check ?? [])];
  const { client, store, queryPool: pool } = engines;
  const gateway = config.ROLES.includes('api')
    ? createEntityGateway({ client, store, decider: accountDecider, taskQueue: accountContract.name })
    : undefined;
  const app = await createHttpApp(accountModule({ pool, gateway, healthChecks: checks }), logger);
  await app.listen(config.PORT, config.HOST);
  logger.info({ port: config.PORT, roles: config.ROLES }, 'the account service is up');
  return [[app], roles, closers(engines)];
}

function connect(config: AccountConfig, logger: Logger): Engines {
  const poolOf = (options: PoolConfig): Pool => {
    const connectionString = config.DATABASE_URL;
    const pool = new Pool({ connectionString, connectionTimeoutMillis: 2_000, max: 10, ...options });
    pool.on('error', (error) => logger.debug({ err: error }, 'an idle connection ended'));
    return pool;
  };
  return {
    client: connectTemporal({ address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE }),
    store: connectEventStore(config.EVENTSTORE_URL),
    kafka: connectKafka({ brokers: config.KAFKA_BROKERS, clientId: 'perdure-account', logger }),
    pool: poolOf({}),
    queryPool: poolOf({ query_timeout: QUERY_MILLISECONDS, statement_timeout: QUERY_MILLISECONDS }),
  };
}

interface RunningRole extends Stoppable {
  readonly check?: HealthCheck;
}

function startRoles(config: AccountConfig, engines: Engines, logger: Logger): readonly RunningRole[] {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = config;
  const { client, store, kafka, pool } = engines;
  const temporal = { address, namespace, workflowBundle: WORKFLOW_BUNDLE, logger };
  const start: Record<Role, () => RunningRole | undefined> = {
    api: () => undefined,
    worker: () => {
      const activities = createAccountActivities({ store, logger });
      const worker = startWorker({ ...temporal, taskQueue: accountContract.name, activities });
      const check = async () => ({ ok: worker.isRunning() });
      return { close: () => worker.shutdown(), check: { name: 'worker', check } };
    },
    relay: () => {
      const relay = startRelay({ ...temporal, category: accountContract.name, client, kafka, store });
      const check = async () => ({ ok: relay.health().isReady, detail: relay.health().progress });
      return { close: () => relay.close(), check: { name: 'relay', check } };
    },
    projector: () => {
      const groupPrefix = accountContract.name;
      const projector = startProjector({ kafka, pool, store, views: accountViews, groupPrefix, logger });
      const check = async () => {
        const detail = projector.health();
        return { ok: detail.every(({ state }) => state === 'current' || state === 'behind'), detail };
      };
      return { close: () => projector.close(), check: { name: 'projector', check } };
    },
  };
  return config.ROLES.flatMap((role) => start[role]() ?? []);
}

function closers({ client, store, kafka, pool, queryPool }: Engines): readonly Stoppable[] {
  const pools = [pool, queryPool].map((one) => ({ close: () => one.end() }));
  return [kafka, store, ...pools, { close: () => client.connection.close() }];
}
