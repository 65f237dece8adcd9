import type { Server } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What is decided at once is still told to who waits for it; then there is time to hand the rest over. */
const GRACE_MILLISECONDS = 2_000;

/** By server: aborted a little after it has begun to close. */
const closings = new WeakMap<Server, AbortController>();

/** Lets requests know that the server is about to close, so that those that wait end early. */
export function tellOfClosing(fastify: FastifyInstance): void {
  const closing = new AbortController();
  closings.set(fastify.server, closing);
  fastify.addHook('preClose', async () => {
    setTimeout(() => closing.abort(), GRACE_MILLISECONDS).unref();
  });
}

/** Aborted 2 s after the server of this request has begun to close: nothing may be waited for any more. */
export function closingOf({ server: { server } }: FastifyRequest): AbortSignal {
  return (closings.get(server) ?? new AbortController()).signal;
}
