import type { Client } from '@temporalio/client';
import { Pool, type PoolConfig } from 'pg';
import { connectEventStore } from '#libs/event-store/eventstoredb-store.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Stoppable } from '#libs/api/http/run-service.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { connectKafka } from '#libs/kafka/kafkajs-kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import type { ServiceConfig } from './service-config.js';

/** The longest that a reader of the read models waits for PostgreSQL. */
const QUERY_MILLISECONDS = 3_000;

/** The servers a service stands on, each connected when it is first used. */
export interface Engines {
  readonly client: Client;
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly pool: Pool;
  /** For requests: bounded, where the projector's own transactions take what they need. */
  readonly queryPool: Pool;
}

/** Never throws for a server that is away: what needs it waits or fails later. */
export function connectEngines(name: string, config: ServiceConfig, logger: Logger): Engines {
  const poolOf = (options: PoolConfig): Pool => {
    const address = { connectionString: config.DATABASE_URL, fallback_application_name: `perdure-${name}` };
    const pool = new Pool({ ...address, connectionTimeoutMillis: 2_000, max: 10, ...options });
    pool.on('error', (error) => logger.debug({ err: error }, 'an idle connection ended'));
    return pool;
  };
  return {
    client: connectTemporal({ address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE }),
    store: connectEventStore(config.EVENTSTORE_URL),
    kafka: connectKafka({ brokers: config.KAFKA_BROKERS, clientId: `perdure-${name}`, logger }),
    pool: poolOf({}),
    queryPool: poolOf({ query_timeout: QUERY_MILLISECONDS, statement_timeout: QUERY_MILLISECONDS }),
  };
}

/** Ends the connections, once nothing uses them any more. */
export function closersOf({ client, store, kafka, pool, queryPool }: Engines): readonly Stoppable[] {
  const pools = [pool, queryPool].map((one) => ({ close: () => one.end() }));
  return [kafka, store, ...pools, { close: () => client.connection.close() }];
}
