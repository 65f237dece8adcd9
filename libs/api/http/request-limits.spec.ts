import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { register } from 'prom-client';
import { Authenticator } from '#libs/identity/authenticator.js';
import { UnauthenticatedError } from '#libs/identity/unauthenticated-error.js';
import { controlAccess } from './access.js';
import { type Limits, RequestLimits } from './request-limits.js';
import { serverOptions } from './server-options.js';

const logger = pino({ level: 'silent' });
const NEVER = 1e-6;
const LIMITS: Limits = {
  rate: { perSecond: NEVER, burst: 6 },
  credentials: { perSecond: NEVER, burst: 2 },
  atATime: {
    requests: { caller: 2, process: 3 },
    waiting: { caller: 1, process: 2 },
    feeds: { caller: 1, process: 2 },
  },
};

/** Takes the credential for the id of the caller. `wrong` is nobody's. */
class Names extends Authenticator {
  async authenticate({ authorization: id }: { readonly authorization?: string }) {
    if (id === undefined) throw new UnauthenticatedError('missing');
    if (id === 'wrong') throw new UnauthenticatedError('signature');
    const [tenant = '', name = ''] = id.split('/');
    return { tenant, id: name, kind: 'user' as const, roles: [] };
  }
}

let server: FastifyInstance;
let url: string;
let parsed: number;
let answer: () => void;
/** The requests that wait for `answer`. */
let arrived: FastifyRequest[];
beforeEach(async () => {
  parsed = 0;
  arrived = [];
  const answered = new Promise<void>((resolve) => (answer = resolve));
  server = fastify(serverOptions(logger));
  controlAccess(server, new Names(), logger, new RequestLimits(LIMITS));
  server.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => {
    parsed += 1;
    done(null, body);
  });
  const config: object = { access: ['anyone'] };
  const isPublic: object = { access: 'public' };
  server.post('/things', { config }, async () => ({ ok: true }));
  server.get('/slow', { config }, (request) => {
    arrived.push(request);
    return answered.then(() => ({ ok: true }));
  });
  server.get('/health', { config: isPublic }, async () => ({ ok: true }));
  await server.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  answer();
  server.server.closeAllConnections();
  await server.close();
});

const post = (authorization?: string, headers = {}) =>
  fetch(`${url}/things`, {
    method: 'POST',
    headers: {
      'content-type': 'text/plain',
      ...(authorization !== undefined && { authorization }),
      ...headers,
    },
    body: 'body',
  });
const times = async (count: number, send: () => Promise<Response>) => {
  const statuses: number[] = [];
  for (let sent = 0; sent < count; sent += 1) statuses.push((await send()).status);
  return statuses;
};
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
};
const metric = async (name: string, labels: object) => {
  const { values } = (await register.getSingleMetric(name)!.get()) as {
    values: readonly { labels: object; value: number }[];
  };
  const wanted = JSON.stringify(labels);
  return values.find((one) => JSON.stringify(one.labels) === wanted)?.value ?? 0;
};

describe('requests a second', () => {
  it('are limited for each caller, before the body is read', async () => {
    const refused = await metric('perdure_limit_refusals_total', { limit: 'rate', of: 'caller' });
    const first = await post('default/alice');
    expect(first.headers.get('ratelimit')).toBe('"rate";r=5;t=1');
    expect(first.headers.get('ratelimit-policy')).toMatch(
      /^"rate";q=6;w=6000000, "requests";q=2;qu="concurrent-requests", /,
    );
    expect(await times(5, () => post('default/alice'))).toEqual(Array(5).fill(200));
    const reply = await post('default/alice');
    expect(reply.status).toBe(429);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(reply.headers.get('ratelimit')).toBe('"rate";r=0;t=1');
    expect(await reply.json()).toMatchObject({ code: 'LIMIT.RATE', 'violated-policies': ['rate'] });
    expect(parsed).toBe(6);
    expect(await metric('perdure_limit_refusals_total', { limit: 'rate', of: 'caller' })).toBe(refused + 1);
  });

  it('of another caller, or of one of that name in another tenant, are not affected', async () => {
    await times(7, () => post('default/alice'));
    expect((await post('default/bob')).status).toBe(200);
    expect((await post('other/alice')).status).toBe(200);
  });

  it('without a credential, or for public addresses, are limited by network', async () => {
    const health = () => fetch(`${url}/health`);
    expect(await times(3, () => post())).toEqual([401, 401, 401]);
    expect(await times(4, health)).toEqual([200, 200, 200, 429]);
    expect((await post()).status).toBe(429);
    expect((await post(undefined, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(401);
    expect((await post('default/alice')).status).toBe(200);
  });
});

it('requests for unknown addresses and methods are limited by network', async () => {
  const unknown = () => fetch(`${url}/nowhere`, { headers: { authorization: 'default/alice' } });
  expect(await times(5, unknown)).toEqual(Array(5).fill(404));
  expect(await times(2, () => fetch(`${url}/things`, { method: 'DELETE' }))).toEqual([404, 429]);
  expect(await (await unknown()).json()).toMatchObject({ code: 'LIMIT.RATE' });
  expect((await post('default/alice')).status).toBe(200);
});

describe('credentials that are not valid', () => {
  it('are limited by network; then not even a valid one is tried', async () => {
    expect(await times(2, () => post('wrong'))).toEqual([401, 401]);
    const reply = await post('default/alice');
    expect(reply.status).toBe(429);
    expect(await reply.json()).toMatchObject({ code: 'LIMIT.CREDENTIALS' });
  });

  it('are counted for the client that a trusted proxy names, which the client cannot choose', async () => {
    const from = (forwarded: string) => () => post('wrong', { 'x-forwarded-for': forwarded });
    expect(await times(2, from('192.0.2.1'))).toEqual([401, 401]);
    expect(await times(2, from('192.0.2.2'))).toEqual([401, 401]);
    expect(await times(1, from('198.51.100.9, 192.0.2.1'))).toEqual([429]);
    expect((await post('default/alice')).status).toBe(200);
  });
});

describe.each([
  ['requests', {}, 2, 'LIMIT.CONCURRENCY'],
  ['waiting', { prefer: 'wait=10' }, 1, 'LIMIT.WAITING'],
  ['feeds', { accept: 'text/event-stream' }, 1, 'LIMIT.FEEDS'],
])('%s at a time', (kind, headers, most, code) => {
  const slow = (authorization: string) => fetch(`${url}/slow`, { headers: { authorization, ...headers } });
  const open = async (authorization: string, count: number) => {
    const all = arrived.length + count;
    const replies = Array.from({ length: count }, () => slow(authorization));
    await until(() => arrived.length === all);
    return replies;
  };

  it('are limited for each caller', async () => {
    const replies = await open('default/alice', most);
    expect(await metric('perdure_requests_in_progress', { kind })).toBe(most);
    const reply = await slow('default/alice');
    expect(reply.status).toBe(429);
    expect(reply.headers.get('ratelimit')).toBe(`"${kind}";r=0;t=1`);
    expect(await reply.json()).toMatchObject({ code, detail: `at most ${most} for each caller` });
    replies.push(...(await open('default/bob', 1)));
    answer();
    for (const one of replies) expect((await one).status).toBe(200);
  });

  it('are limited in the process', async () => {
    const replies = [...(await open('default/alice', most)), ...(await open('default/bob', 1))];
    const reply = await slow('default/carol');
    expect(await reply.json()).toMatchObject({ code, detail: 'this process has no more room' });
    answer();
    await Promise.all(replies);
  });

  it('end with the connection of the client', async () => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const gone = once(server.server, 'request').then(([, response]) => once(response, 'close'));
    const left = fetch(`${url}/slow`, { headers: { authorization: 'default/alice', ...headers }, signal });
    await until(() => arrived.length === 1);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await gone;
    expect(await metric('perdure_requests_in_progress', { kind })).toBe(0);
    answer();
    expect((await slow('default/alice')).status).toBe(200);
  });
});
