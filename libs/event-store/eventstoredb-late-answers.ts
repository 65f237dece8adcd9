import type { EventEmitter } from 'node:events';
import type { EventStoreDBClient } from '@eventstore/db-client';

type CreateCall = (grpcClient: unknown) => EventEmitter;

interface ClientInternals {
  GRPCStreamCreator(
    service: unknown,
    name: string,
    create: CreateCall,
    cache: unknown,
  ): () => Promise<unknown>;
}

const BATCH_OF_APPENDS = 'appendToStream';

/**
 * Makes the client ignore an answer that nobody waits for any more. It keeps one table of
 * unanswered appends for all its connections, and an error on any connection clears the table. A
 * later answer on another connection then throws in an event handler, which would end the process.
 * Fixed in the successor client: https://github.com/kurrent-io/KurrentDB-Client-NodeJS/pull/523
 */
export function dropLateAnswers(client: EventStoreDBClient): EventStoreDBClient {
  const internals = client as unknown as ClientInternals;
  const original = internals.GRPCStreamCreator;
  internals.GRPCStreamCreator = (service, name, create, cache) =>
    original(
      service,
      name,
      name === BATCH_OF_APPENDS ? (grpcClient) => guard(create(grpcClient)) : create,
      cache,
    );
  return client;
}

function guard(call: EventEmitter): EventEmitter {
  for (const listener of call.listeners('data')) {
    call.on('data', (answer: unknown) => {
      try {
        listener.call(call, answer);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    });
    call.off('data', listener as () => void);
  }
  return call;
}
