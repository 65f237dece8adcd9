import { Client, Connection } from '@temporalio/client';

/** Where Temporal is, and which namespace is ours. */
export interface TemporalAddress {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
}

/** A client that connects when first used, so that a process starts while Temporal is away. */
export function connectTemporal({ address, namespace }: TemporalAddress): Client {
  return new Client({ connection: Connection.lazy({ address }), namespace });
}
