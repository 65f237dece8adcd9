import { DevStackError } from './dev-stack.errors.js';
import { firstHost } from './first-host.js';
import { isListening } from './port.js';
import type { ExternalAddresses } from './stack-settings.js';
import { waitUntil } from './wait-until.js';

/** The variable that replaces each server with an external one. */
export const externalVariables: Readonly<Record<string, keyof ExternalAddresses>> = {
  temporal: 'TEMPORAL_ADDRESS',
  kafka: 'KAFKA_BROKERS',
  'event-store': 'EVENTSTORE_URL',
  postgres: 'DATABASE_URL',
};

const defaultPorts = {
  TEMPORAL_ADDRESS: 7233,
  KAFKA_BROKERS: 9092,
  EVENTSTORE_URL: 2113,
  DATABASE_URL: 5432,
};

/** Waits until an external server accepts connections. Checking more would take its credentials. */
export async function reachExternal(
  variable: keyof ExternalAddresses,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const { host, port } = firstHost(address, defaultPorts[variable]);
  const isThere = await waitUntil(() => isListening(host, port), {
    timeoutMs: 15_000,
    intervalMs: 500,
    signal,
  });
  if (!isThere) {
    throw new DevStackError(
      `Nothing answers at ${host}:${port}, the address in ${variable}. Start it, or unset the variable to run one here.`,
    );
  }
}
