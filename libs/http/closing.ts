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

/** The answer; undefined when the server closes before it has come, which is then of no interest any more. */
export async function unlessClosing<T>(request: FastifyRequest, answer: Promise<T>): Promise<T | undefined> {
  const closing = closingOf(request);
  let onClosing = (): void => undefined;
  const closed = new Promise<undefined>((resolve) => {
    onClosing = () => resolve(undefined);
    if (closing.aborted) onClosing();
    closing.addEventListener('abort', onClosing);
  });
  answer.catch(() => undefined);
  return Promise.race([answer, closed]).finally(() => closing.removeEventListener('abort', onClosing));
}
