import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { Pool, type PoolConfig } from 'pg';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { BlobStore } from '#libs/blob/blob-store.js';
import { flowPayloads } from '#libs/blob/flow-payloads.js';
import { openBlobStore } from '#libs/blob/open-blob-store.js';
import type { Stoppable } from '#libs/api/http/run-service.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { connectKafka } from '#libs/kafka/kafkajs-kafka.js';
import type { Logger } from '#libs/runtime/logger.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { databaseOf } from './database-config.js';
import { openEventStore } from './event-store-config.js';
import { kafkaOf } from './kafka-config.js';
import type { ServiceConfig } from './service-config.js';
import { temporalOf } from './temporal-config.js';

/** The longest time that a query may take for which a request waits. */
const QUERY_MILLISECONDS = 3_000;

/**
 * Connections to the servers that a service uses. Each one connects when it is first used. A class,
 * so that Nest can inject it.
 */
export abstract class Engines {
  abstract readonly client: Client;
  /** How the payloads of workflows are written, by clients and workers. */
  abstract readonly dataConverter: DataConverter;
  abstract readonly store: EventStore;
  abstract readonly kafka: Kafka;
  /** For content that is too large for messages. */
  abstract readonly blobs: BlobStore;
  abstract readonly pool: Pool;
  /**
   * For requests: its queries are limited to 3 s. The projector's transactions use `pool`, which
   * has no such limit.
   */
  abstract readonly queryPool: Pool;
  /** For API keys. Its queries are limited to 3 s, and slow lists take none of its connections. */
  abstract readonly keyPool: Pool;
}

/**
 * Creates the connections. Does not throw if a server does not answer: its users wait, or fail
 * later. Throws `ConfigError` if the configuration of TLS cannot be used. `flows` are the
 * categories whose large payloads are blobs.
 */
export function connectEngines(
  name: string,
  config: ServiceConfig,
  logger: Logger,
  flows: readonly string[] = [],
): Engines {
  const address = { ...databaseOf(config), fallback_application_name: `perdure-${name}` };
  const poolOf = (options: PoolConfig): Pool => {
    const pool = new Pool({ ...address, connectionTimeoutMillis: 2_000, max: 10, ...options });
    pool.on('error', (error) => logger.debug({ err: error }, 'an idle connection ended'));
    return pool;
  };
  const bounded = { query_timeout: QUERY_MILLISECONDS, statement_timeout: QUERY_MILLISECONDS };
  const blobs = openBlobStore(config.BLOB_STORE_URL);
  const dataConverter = flowPayloads(blobs, (category) => flows.includes(category));
  return {
    client: connectTemporal(temporalOf(config), dataConverter),
    dataConverter,
    store: openEventStore(config),
    kafka: connectKafka({ ...kafkaOf(config), clientId: `perdure-${name}`, logger }),
    blobs,
    pool: poolOf({}),
    queryPool: poolOf(bounded),
    keyPool: poolOf({ ...bounded, max: 2 }),
  };
}

/** The closers of the connections. Call them once nothing uses the connections. */
export function closersOf({ client, store, kafka, pool, queryPool, keyPool }: Engines): readonly Stoppable[] {
  const pools = [pool, queryPool, keyPool].map((one) => ({ close: () => one.end() }));
  return [kafka, store, ...pools, { close: () => client.connection.close() }];
}
