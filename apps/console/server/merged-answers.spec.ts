import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { sendProblem } from '#libs/api/http/problem.filter.js';
import { serveMergedAnswers } from './merged-answers.js';
import type { Service } from './services.js';

const logger = pino({ level: 'silent' });
const AWAY: Service = { name: 'desk', url: 'http://127.0.0.1:1', prefixes: [] };
const hit = (id: string) => ({ kind: 'account', id, title: id, link: `/entities/account/${id}` });

interface Reply {
  readonly status: number;
  readonly body: object;
}

let servers: Server[];
let front: FastifyInstance;
let heard: IncomingHttpHeaders[];
beforeEach(() => {
  servers = [];
  heard = [];
});
afterEach(async () => {
  await front.close();
  for (const server of servers) server.close();
});

/** A service that always answers so. */
async function answering(name: string, { status, body }: Reply): Promise<Service> {
  const server = createServer(({ headers }, response) => {
    heard.push(headers);
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { name, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, prefixes: [] };
}

async function ask(services: readonly Service[], url = '/v1/search?q=a', headers = {}) {
  front = fastify();
  front.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  serveMergedAnswers(front, services);
  const { statusCode, body } = await front.inject({ url, headers });
  return { status: statusCode, body: JSON.parse(body) as Record<string, unknown> };
}

const found = (...data: object[]) => ({ status: 200, body: { data, missing: [] } });

describe('a search', () => {
  it('is answered by all services together, the best hits first', async () => {
    const services = [
      await answering('account', found(hit('ab'), hit('ac'))),
      await answering('cart', found(hit('a'))),
    ];
    const { body } = await ask(services, '/v1/search?q=a', { authorization: 'Bearer x' });
    expect(body).toEqual({ data: ['a', 'ab', 'ac'].map(hit), missing: [] });
    expect(heard.map(({ authorization }) => authorization)).toEqual(['Bearer x', 'Bearer x']);
  });

  it('names the services that are away or fail, and what the others could not tell', async () => {
    const missing = [{ source: 'commands', reason: 'does not answer' }];
    const services = [
      AWAY,
      await answering('account', { status: 200, body: { data: [hit('a')], missing } }),
      await answering('cart', { status: 500, body: {} }),
    ];
    expect(await ask(services)).toEqual({
      status: 200,
      body: {
        data: [hit('a')],
        missing: ['desk service', 'cart service', 'account service: commands'].map((source) => {
          return { source, reason: 'does not answer' };
        }),
      },
    });
  });

  it('is refused as a service refuses it', async () => {
    const errors = [{ parameter: 'q', detail: 'is missing' }];
    const body = { code: 'REQUEST.INVALID_QUERY', title: 'Invalid', detail: 'q: is missing', errors };
    const services = [AWAY, await answering('account', { status: 400, body })];
    expect(await ask(services, '/v1/search')).toMatchObject({ status: 400, body });
  });

  it('is answered 503 if no service answers', async () => {
    expect(await ask([AWAY])).toMatchObject({ status: 503, body: { code: 'ENGINE.UNAVAILABLE' } });
  });

  it('finds each thing once, and 20 at most', async () => {
    const many = Array.from({ length: 15 }, (_, number) => hit(`a${number}`));
    const more = Array.from({ length: 15 }, (_, number) => hit(`b${number}`));
    const services = [
      await answering('account', found(...many)),
      await answering('cart', found(...many, ...more)),
    ];
    const { body } = await ask(services);
    const ids = (body['data'] as { readonly id: string }[]).map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([20, 20]);
  });
});
