import type { FastifyInstance } from 'fastify';
import { UnavailableError } from '#libs/core/problems.js';

const PATIENCE_MILLISECONDS = 5_000;

interface OfUser {
  readonly Params: { readonly name: string };
}

/**
 * Serves the users of the local issuer and a token of each to the pages, which may ask nobody else.
 * The password of a local user, and the secret of a local service, is its name.
 */
export function serveLocalUsers(server: FastifyInstance, issuer: string): void {
  server.get('/local-users', () => ask(`${issuer}/users`));
  server.post<OfUser>('/local-users/:name/token', async ({ params: { name } }, reply) => {
    const form = { grant_type: 'password', username: name, password: name };
    return reply.header('cache-control', 'no-store').send(await ask(`${issuer}/token`, form));
  });
}

async function ask(address: string, form?: Record<string, string>): Promise<unknown> {
  const body = form && new URLSearchParams(form);
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const reply = await fetch(address, { signal, ...(body && { method: 'POST', body }) }).catch(
    () => undefined,
  );
  if (!reply?.ok) throw new UnavailableError('the local issuer');
  return reply.json();
}
