import type { StackSettings } from './stack-settings.js';

/** How each part is reached, under the variable that services read it from. */
export interface StackAddresses {
  readonly TEMPORAL_ADDRESS: string;
  readonly TEMPORAL_UI_URL: string;
  readonly KAFKA_BROKERS: string;
  readonly EVENTSTORE_URL: string;
  readonly DATABASE_URL: string;
  readonly ACCOUNT_URL: string;
  readonly CART_URL: string;
  readonly INVENTORY_URL: string;
  readonly FULFILMENT_URL: string;
  readonly PERDURE_URL: string;
}

/** The embedded database's user, password and database name: it listens on this machine only. */
export const databaseName = 'perdure';

/** Where each part is, or will be once it is started. */
export function stackAddresses({ ports, external }: StackSettings): StackAddresses {
  const host = '127.0.0.1';
  const database = `postgres://${databaseName}:${databaseName}@${host}:${ports.POSTGRES_PORT}/${databaseName}`;
  const eventStore = `esdb://${host}:${ports.EVENTSTORE_PORT}?tls=false&keepAliveInterval=3000&keepAliveTimeout=3000`;
  return {
    TEMPORAL_ADDRESS: external.TEMPORAL_ADDRESS ?? `${host}:${ports.TEMPORAL_PORT}`,
    TEMPORAL_UI_URL: `http://${host}:${ports.TEMPORAL_UI_PORT}`,
    KAFKA_BROKERS: external.KAFKA_BROKERS ?? `${host}:${ports.KAFKA_PORT}`,
    EVENTSTORE_URL: external.EVENTSTORE_URL ?? eventStore,
    DATABASE_URL: external.DATABASE_URL ?? database,
    ACCOUNT_URL: `http://${host}:${ports.ACCOUNT_PORT}`,
    CART_URL: `http://${host}:${ports.CART_PORT}`,
    INVENTORY_URL: `http://${host}:${ports.INVENTORY_PORT}`,
    FULFILMENT_URL: `http://${host}:${ports.SANDBOX_PORT}`,
    PERDURE_URL: `http://${host}:${ports.PERDURE_PORT}`,
  };
}
