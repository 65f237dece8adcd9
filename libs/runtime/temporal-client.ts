import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { endAfterClose } from './ended-call.js';

/** Temporal's own retries, without those of calls whose connection is closed. */
export const retries: NonNullable<ConnectionOptions['interceptors']> = [
  makeGrpcRetryInterceptor(defaultGrpcRetryOptions()),
  endAfterClose,
];

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
 * `dataConverter` says how payloads are written; without it, as the SDK does.
 */
export function connectTemporal(
  { namespace, ...server }: TemporalAddress,
  dataConverter?: DataConverter,
): Client {
  const options = { ...connectionTo(server), interceptors: retries };
  const connection = Connection.lazy(options);
  return new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
}
