import { Client, Connection, type ConnectionOptions } from '@temporalio/client';

/** The address of Temporal, our namespace, and how we prove who we are. */
export interface TemporalAddress {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
  readonly tls?: ConnectionOptions['tls'];
  readonly apiKey?: string;
}

/** The options of a connection, of a client or a worker. */
export function connectionTo({ address, tls, apiKey }: Omit<TemporalAddress, 'namespace'>) {
  return { address, ...(tls !== undefined && { tls }), ...(apiKey !== undefined && { apiKey }) };
}

/**
 * A client that connects on first use, so that a process can start while Temporal is unavailable.
 */
export function connectTemporal({ namespace, ...server }: TemporalAddress): Client {
  return new Client({ connection: Connection.lazy(connectionTo(server)), namespace });
}
