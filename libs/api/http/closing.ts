import type { Server } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What is decided soon is still answered. Then there is time to hand over the rest. */
const GRACE_MILLISECONDS = 2_000;

/** By server: aborted shortly after it has started to close. */
const closings = new WeakMap<Server, AbortController>();

/** Notifies requests that the server is about to close, so that those that wait end early. */
export function tellOfClosing(fastify: FastifyInstance): void {
  const closing = new AbortController();
  closings.set(fastify.server, closing);
  fastify.addHook('preClose', async () => {
    setTimeout(() => closing.abort(), GRACE_MILLISECONDS).unref();
  });
}

/**
 * Aborts 2 s after the server of this request has started to close, when nothing may wait any
 * longer.
 */
export function closingOf({ server: { server } }: FastifyRequest): AbortSignal {
  return (closings.get(server) ?? new AbortController()).signal;
}
