import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Counter } from 'prom-client';

/** A client that reads nothing for this long is disconnected. */
const STALLED_MILLISECONDS = 60_000;

const stalled = new Counter({
  name: 'perdure_stalled_clients_total',
  help: 'Connections ended because the client did not read its answer or its feed for 60 seconds',
});

/** Ends a connection whose client reads nothing for a minute while an answer is being sent. */
export function endIfStalled(response: ServerResponse, milliseconds = STALLED_MILLISECONDS): void {
  response.setTimeout(milliseconds, () => {
    stalled.inc();
    response.destroy();
  });
}

/**
 * Ends the connections of clients that do not read their answers. Does not affect how long an
 * answer may take to be made, nor streams, which may pause.
 */
export function limitSlowReaders(fastify: FastifyInstance, milliseconds?: number): void {
  fastify.addHook('onSend', async (_request, reply, payload) => {
    if (typeof payload === 'string') endIfStalled(reply.raw, milliseconds);
    return payload;
  });
}
