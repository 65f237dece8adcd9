import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { controlAccess } from '#libs/api/http/access.js';
import { sendProblem } from '#libs/api/http/problem.filter.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems, UnavailableError } from '#libs/core/problems.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import { type BegunAct, type EndedAct } from './operator-acts.js';
import { recordActs } from './record-acts.js';

const logger = pino({ level: 'silent' });

/** Takes the header `authorization` for the name of the caller, and its roles after a colon. */
class Names extends Authenticator {
  async authenticate({ authorization = '' }: { readonly authorization?: string }) {
    const [id = '', ...roles] = authorization.split(':');
    return { tenant: 'default', id, kind: 'user' as const, roles };
  }
}

/** What was recorded, and what was done, in order. */
let told: unknown[];
let isAway: boolean;
let server: FastifyInstance;
const recorded = () => told.filter((one): one is BegunAct => typeof one === 'object');

const acts = {
  begin: async (act: BegunAct) => {
    if (isAway) throw new UnavailableError('postgres');
    told.push(act);
    return '7';
  },
  end: async (id: string, ended: EndedAct) => {
    if (isAway) throw new UnavailableError('postgres');
    told.push([id, ended]);
  },
};

beforeEach(() => {
  told = [];
  isAway = false;
  server = fastify({ forceCloseConnections: true });
  controlAccess(server, new Names(), logger);
  recordActs(server, { acts, service: 'account', logger });
  const forOperators = { config: { access: ['role:operator'] } as object };
  const deed = async () => void told.push('done');
  server.post('/v1/operations/account/views/:view/parked/:stream/skip', forOperators, deed);
  server.get('/v1/workers', forOperators, deed);
  server.post('/v1/workers/:process/drain', forOperators, async (_, reply) => {
    await deed();
    return reply.status(202).send({});
  });
  const forTellers = { config: { access: ['role:teller'] } as object };
  server.post('/v1/accounts/:id/deposit', forTellers, deed);
  const steering = { config: { access: ['role:warehouse'], act: () => true } as object };
  server.post('/v1/stock-imports/:id/pause', steering, deed);
  const looking = { config: { access: ['role:operator'], act: () => false } as object };
  server.post('/v1/checkouts/:id/retry-step/dry-run', looking, deed);
  server.post('/v1/flows/:id/restart', forOperators, (request, reply) => {
    sendProblem(new ProblemError(problems.routeNotFound, 'no such flow'), request, reply, logger);
  });
  server.post('/v1/schedules/:schedule/trigger', forOperators, (request, reply) => {
    sendProblem(new Error('a bug'), request, reply, logger);
  });
});
afterEach(() => server.close());

const post = (url: string, body: object = {}, authorization = 'olivia:operator') =>
  server.inject({ method: 'POST', url, headers: { authorization }, payload: body });
const SKIP = '/v1/operations/account/views/account.accounts.v1/parked/account-default.alice/skip';

it('says who did what to what and why, before it is done, and how it ended', async () => {
  await post(SKIP, { reason: ' it is a duplicate ', revision: 4 });
  expect(told).toEqual([
    {
      tenant: 'default',
      operator: 'olivia',
      service: 'account',
      area: 'views',
      verb: 'skip',
      subject: 'account.accounts.v1/account-default.alice',
      reason: 'it is a duplicate',
      detail: { revision: 4 },
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
    'done',
    ['7', { outcome: 'done' }],
  ]);
});

it('says of what is carried out later that it was accepted', async () => {
  await post('/v1/workers/account-work/drain', { worker: 'account' });
  expect(told).toMatchObject([
    { area: 'workers', verb: 'drain', subject: 'account-work', detail: { worker: 'account' } },
    'done',
    ['7', { outcome: 'accepted' }],
  ]);
});

it.each([
  ['a rule refuses', '/v1/flows/f1/restart', 'refused', 'NOT_FOUND'],
  ['an error interrupts', '/v1/schedules/digest/trigger', 'failed', 'INTERNAL'],
])('records what %s as such', async (_, url, outcome, code) => {
  await post(url);
  expect(told.at(-1)).toEqual(['7', { outcome, code: expect.stringContaining(code) }]);
});

it('does nothing that it cannot record', async () => {
  isAway = true;
  const reply = await post(SKIP, { reason: 'x' });
  expect(reply.statusCode).toBe(503);
  expect(told).toEqual([]);
});

it('still answers if PostgreSQL goes away in the middle: the record says that the act has begun', async () => {
  server.addHook('preHandler', async () => void (isAway = true));
  expect((await post(SKIP, { reason: 'x' })).statusCode).toBe(200);
  expect(told).toEqual([expect.objectContaining({ verb: 'skip' }), 'done']);
});

describe('what is on record', () => {
  it('includes what others do to steer work', async () => {
    await post('/v1/stock-imports/csv-1/pause', {}, 'will:warehouse');
    expect(recorded()[0]).toMatchObject({ operator: 'will', area: 'stock-imports', verb: 'pause' });
  });

  it('excludes reading, dry runs, the commands of others, and what was refused to strangers', async () => {
    await server.inject({ url: '/v1/workers', headers: { authorization: 'olivia:operator' } });
    await post('/v1/checkouts/c1/retry-step/dry-run');
    await post('/v1/accounts/alice/deposit', {}, 'tom:teller');
    expect((await post(SKIP, {}, 'eve:teller')).statusCode).toBe(403);
    expect(recorded()).toEqual([]);
  });

  it('has no long data, and is bounded', async () => {
    const long = 'x'.repeat(5_000);
    await post(SKIP, { reason: long, data: { card: '1' }, type: long, roles: ['a', 'b'], all: [['c']] });
    expect(recorded()[0]).toMatchObject({ reason: 'x'.repeat(2_000), detail: { roles: ['a', 'b'] } });
    expect(Object.keys(recorded()[0]?.detail ?? {})).toEqual(['roles']);
  });
});

describe('what is streamed', () => {
  const healing = { config: { access: ['role:operator'], act: () => 'heal' } as object };

  const heal = async (lines: Readable, signal?: AbortSignal) => {
    server.post('/v1/operations/account/doctor', healing, async (_, reply) => reply.send(lines));
    const url = `${await server.listen({ port: 0, host: '127.0.0.1' })}/v1/operations/account/doctor`;
    const headers = { authorization: 'olivia:operator', 'content-type': 'application/json' };
    return fetch(url, { method: 'POST', headers, body: '{"heal":true}', ...(signal && { signal }) });
  };

  it('ends with its answer', async () => {
    const reply = await heal(Readable.from(['a']));
    expect(await reply.text()).toBe('a');
    await server.close();
    expect(told).toMatchObject([
      { area: 'doctor', verb: 'heal', detail: { heal: true } },
      ['7', { outcome: 'done' }],
    ]);
  });

  it('has failed if the client leaves before', async () => {
    const endless = new Readable({ read: () => undefined });
    endless.push('a');
    const leave = new AbortController();
    const reply = await heal(endless, leave.signal);
    await reply.body?.getReader().read();
    const ended = new Promise<void>((resolve) => endless.once('close', resolve));
    leave.abort();
    await ended;
    await new Promise(setImmediate);
    expect(told.at(-1)).toEqual(['7', { outcome: 'failed' }]);
  });
});
