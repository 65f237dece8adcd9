import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type PerService, perService, variableOf } from '#contracts/services.js';
import type { StackSettings } from './stack-settings.js';

/** The address of each part, by the variable from which services read it. */
export interface StackAddresses extends PerService<'URL', string> {
  readonly TEMPORAL_ADDRESS: string;
  readonly TEMPORAL_UI_URL: string;
  readonly KAFKA_BROKERS: string;
  readonly EVENTSTORE_URL: string;
  readonly DATABASE_URL: string;
  readonly BLOB_STORE_URL: string;
  readonly FULFILMENT_URL: string;
  readonly CARD_PROVIDER_URL: string;
  readonly MAIL_URL: string;
  readonly MAIL_SANDBOX_URL: string;
  readonly AUTH_ISSUER: string;
  readonly PERDURE_URL: string;
}

/** User, password and name of the embedded database, which listens on this machine only. */
export const databaseName = 'perdure';

/** The address of each part, whether it has started yet or not. */
export function stackAddresses(settings: StackSettings): StackAddresses {
  const { home, ports, external, blobStore, issuer, scheme } = settings;
  const host = '127.0.0.1';
  const database = `postgres://${databaseName}:${databaseName}@${host}:${ports.POSTGRES_PORT}/${databaseName}`;
  const eventStore = `esdb://${host}:${ports.EVENTSTORE_PORT}?tls=false&keepAliveInterval=3000&keepAliveTimeout=3000`;
  return {
    TEMPORAL_ADDRESS: external.TEMPORAL_ADDRESS ?? `${host}:${ports.TEMPORAL_PORT}`,
    TEMPORAL_UI_URL: `http://${host}:${ports.TEMPORAL_UI_PORT}`,
    KAFKA_BROKERS: external.KAFKA_BROKERS ?? `${host}:${ports.KAFKA_PORT}`,
    EVENTSTORE_URL: external.EVENTSTORE_URL ?? eventStore,
    DATABASE_URL: external.DATABASE_URL ?? database,
    BLOB_STORE_URL: blobStore ?? pathToFileURL(join(home, 'blobs')).href,
    ...perService('URL', ({ name }) => `${scheme}://${host}:${ports[variableOf(name, 'PORT')]}`),
    FULFILMENT_URL: `http://${host}:${ports.SANDBOX_PORT}`,
    CARD_PROVIDER_URL: `http://${host}:${ports.PAYMENT_SANDBOX_PORT}`,
    MAIL_URL: `smtp://${host}:${ports.MAIL_SANDBOX_SMTP_PORT}`,
    MAIL_SANDBOX_URL: `http://${host}:${ports.MAIL_SANDBOX_PORT}`,
    AUTH_ISSUER: issuer ?? `http://${host}:${ports.ISSUER_PORT}`,
    PERDURE_URL: `${scheme}://${host}:${ports.PERDURE_PORT}`,
  };
}
