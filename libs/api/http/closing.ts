import type { Server } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Commands that are decided within this time are still answered with their outcome. The rest of the
 * shutdown time is for making the others durable.
 */
const GRACE_MILLISECONDS = 2_000;

/** One controller per server, aborted shortly after the server starts to close. */
const closings = new WeakMap<Server, AbortController>();

/** Tells waiting requests when the server is closing, so that they can end early. */
export function tellOfClosing(fastify: FastifyInstance): void {
  const closing = new AbortController();
  closings.set(fastify.server, closing);
  fastify.addHook('preClose', async () => {
    setTimeout(() => closing.abort(), GRACE_MILLISECONDS).unref();
  });
}

/** Aborts 2 s after the server of this request starts to close. Requests must then stop waiting. */
export function closingOf({ server: { server } }: FastifyRequest): AbortSignal {
  return (closings.get(server) ?? new AbortController()).signal;
}
