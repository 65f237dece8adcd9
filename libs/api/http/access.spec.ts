import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Policy } from '#contracts/access.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import { admissionOf, callerOf, controlAccess } from './access.js';

/** Takes the header `authorization` for the name of the caller, and its roles after a colon. */
class Names extends Authenticator {
  async authenticate({ authorization }: { readonly authorization?: string }) {
    if (authorization === undefined) throw new ProblemError(problems.unauthenticated, 'no credential');
    const [id = '', ...roles] = authorization.split(':');
    return { tenant: 'default', id, kind: 'user' as const, roles };
  }
}

let server: FastifyInstance;
/** The bodies that were read. */
let parsed: unknown[];

beforeEach(async () => {
  parsed = [];
  server = fastify();
  controlAccess(server, new Names(), pino({ level: 'silent' }));
  server.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => {
    parsed.push(body);
    done(null, body);
  });
  const at = (access: unknown) => ({ config: { access } as object });
  server.get('/health', at('public'), async () => ({ ok: true }));
  server.post('/things', at(['role:teller', 'owner']), (request) => Promise.resolve(admissionOf(request)));
  server.get(
    '/by-query',
    at(({ url }: { url: string }): Policy => [`role:${url.split('?')[1]}`]),
    (request) => {
      return callerOf(request);
    },
  );
  server.get('/mistaken', at('public'), (request) => Promise.resolve(callerOf(request)));
});
afterEach(() => server.close());

const post = (authorization?: string) => {
  const headers = { 'content-type': 'text/plain', ...(authorization !== undefined && { authorization }) };
  return server.inject({ method: 'POST', url: '/things', headers, payload: 'body' });
};

it('a public route needs no credential', async () => {
  expect((await server.inject('/health')).json()).toEqual({ ok: true });
});

it('a handler learns who sent the request, and how far the policy goes', async () => {
  expect((await post('tom:teller')).json()).toMatchObject({ caller: { id: 'tom' }, extent: 'full' });
  expect((await post('alice')).json()).toMatchObject({ caller: { id: 'alice' }, extent: 'owner' });
});

describe('a request is refused before its body is read', () => {
  it('without a credential', async () => {
    const reply = await post();
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.json()).toMatchObject({ code: 'ACCESS.UNAUTHENTICATED' });
    expect(parsed).toEqual([]);
  });

  it('if the policy does not admit the caller', async () => {
    const reply = await server.inject({ url: '/by-query?clerk', headers: { authorization: 'tom:teller' } });
    expect(reply.statusCode).toBe(403);
    expect(reply.json()).toMatchObject({ code: 'ACCESS.DENIED', detail: 'this is for the role clerk' });
  });
});

it('a policy may depend on the request', async () => {
  const reply = await server.inject({ url: '/by-query?teller', headers: { authorization: 'tom:teller' } });
  expect(reply.json()).toMatchObject({ id: 'tom' });
});

it('an unknown address is no matter of access', async () => {
  expect((await server.inject('/nowhere')).statusCode).toBe(404);
});

it('a route without a policy cannot be added', () => {
  expect(() => server.get('/open', async () => 'secret')).toThrow('GET /open has no policy');
});

it('a public route has no caller', async () => {
  expect((await server.inject('/mistaken')).statusCode).toBe(500);
});
