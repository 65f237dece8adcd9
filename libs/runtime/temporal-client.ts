import { Client, Connection } from '@temporalio/client';

/** The address of Temporal and our namespace. */
export interface TemporalAddress {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
}

/**
 * A client that connects on first use, so that a process can start while Temporal is unavailable.
 */
export function connectTemporal({ address, namespace }: TemporalAddress): Client {
  return new Client({ connection: Connection.lazy({ address }), namespace });
}
