import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from '@temporalio/client';
import { Pool } from 'pg';
import { accountContract } from '#contracts/account/account.contract.js';
import { entityController } from '#libs/api/entities/entity.controller.js';
import { readController } from '#libs/api/entities/read.controller.js';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { EndingRequests } from '#libs/api/http/ending-requests.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import { createCommandIndex } from '#libs/entity/memory/postgres-command-index.js';
import { createOutcomeMemory } from '#libs/entity/memory/postgres-outcome-memory.js';
import { StageFinder } from '#libs/entity/memory/stage-finder.js';
import type { EventStore, ReadOptions } from '#libs/event-store/event-store.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { presentAccount } from '../../apps/account/src/domain/account.view.js';
import { accountsView } from '../../apps/account/src/read-model/accounts/accounts.projection.js';
import { accountList } from '../../apps/account/src/read-model/accounts/accounts.queries.js';
import { accountStatement } from '../../apps/account/src/read-model/statement/statement.queries.js';
import { logger, openPool } from '../integration/read-path-kit.js';
import { eventually, type Reply, request } from '../support/account-rest.js';
import { EventSource } from '../support/event-source.js';
import { patientStore } from '../support/patient-store.js';

const run = randomUUID().slice(0, 8);
const [acme, bolt] = [`acme_${run}`, `bolt_${run}`];

/** Who a request says it is: `acme/alice/teller,support`. */
class SaidCallers extends Authenticator {
  async authenticate({ 'x-caller': said = '' }: IncomingHttpHeaders): Promise<Caller> {
    const [tenant = '', id = '', roles = ''] = String(said).split('/');
    return { tenant, id, kind: 'user', roles: roles.split(',') };
  }
}

const cost = { queries: 0, reads: 0, rows: 0 };
const pool = openPool();
const store = patientStore();
let app: NestFastifyApplication;
let client: Client;
let url: string;

/** The routes of accounts, on the servers that the services run on. */
beforeAll(async () => {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address: String(process.env['TEMPORAL_ADDRESS']) });
  const countQuery = (input: never, next: (input: never) => Promise<unknown>) => {
    cost.queries += 1;
    return next(input);
  };
  client = new Client({ connection, interceptors: { workflow: [{ query: countQuery as never }] } });
  const countedStore = Object.assign(Object.create(store) as EventStore, {
    read: (stream: string, options?: ReadOptions) => {
      cost.reads += 1;
      return store.read(stream, options);
    },
  });
  const countedPool = Object.assign(Object.create(pool) as Pool, {
    query: (...of: [string]) => {
      cost.rows += 1;
      return pool.query(...of);
    },
  });
  const index = createCommandIndex(countedPool, entityIndexView(accountDecider));
  const gateway = createEntityGateway({
    client,
    store: countedStore,
    deciders: { account: accountDecider },
    commandIndexes: { account: index },
    outcomeMemory: createOutcomeMemory(countedPool),
  });
  const readSides = { account: { index, views: [accountsView] } };
  class AccountsModule {}
  app = await createHttpApp(
    {
      module: AccountsModule,
      controllers: [
        ...[accountList, accountStatement].map(readController),
        entityController(accountContract, presentAccount),
      ],
      providers: [
        EndingRequests,
        { provide: Authenticator, useClass: SaidCallers },
        AccessControl,
        { provide: RequestLog, useValue: { logger } },
        { provide: EntityGateway, useValue: gateway },
        { provide: EventFeeds, useValue: new EventFeeds(countedStore, logger) },
        { provide: StageFinder, useValue: new StageFinder({ store, pool, readSides, logger }) },
        { provide: Pool, useValue: countedPool },
      ],
    },
    logger,
  );
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});

afterAll(async () => {
  await app.close();
  await client.connection.close();
  await store.close();
  await pool.end();
});

const as = (tenant: string, id: string, ...roles: readonly string[]) => ({
  'x-caller': `${tenant}/${id}/${roles.join(',')}`,
});
type Who = ReturnType<typeof as>;

const get = (who: Who, path: string, headers = {}) =>
  request(`${url}${path}`, { headers: { ...who, ...headers } });

function post(who: Who, path: string, body: object): Promise<Reply> {
  const headers = { ...who, 'content-type': 'application/json', prefer: 'wait=20' };
  return request(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function send(who: Who, id: string, command: string, body: object = {}): Promise<Reply> {
  const reply = await post(who, `/v1/accounts/${id}/${command}`, body);
  expect([200, 201]).toContain(reply.status);
  return reply;
}

/** A list, once it shows what a command has written. */
function listed(who: Who, path: string, written: Reply): Promise<Reply> {
  const token = { 'consistency-token': String(written.headers.get('consistency-token')) };
  return eventually(
    () => get(who, path, token),
    ({ status, headers }) => status === 200 && headers.get('stale-by') === null,
    60_000,
  );
}

const dataOf = ({ body }: Reply) => body['data'] as readonly Record<string, unknown>[];

describe('two tenants with the same ids', () => {
  const [one, two] = ['main', 'savings'];
  const teller = {
    [acme]: as(acme, 'tim', 'teller', 'support'),
    [bolt]: as(bolt, 'tim', 'teller', 'support'),
  };
  const amounts = { [acme]: 100, [bolt]: 7 };
  const last: Record<string, Reply> = {};

  beforeAll(async () => {
    for (const tenant of [acme, bolt]) {
      const who = teller[tenant] as Who;
      for (const id of [one, two]) await send(who, id, 'open', { owner: `${tenant}-owner`, currency: 'EUR' });
      last[tenant] = await send(who, one, 'deposit', { amount: amounts[tenant] });
    }
  });

  it.each([acme, bolt])('each see their own states, events, lists and statements: %s', async (tenant) => {
    const who = teller[tenant] as Who;
    const amount = amounts[tenant];
    expect((await get(who, `/v1/accounts/${one}`)).body).toMatchObject({ balance: amount, revision: 1 });
    const events = dataOf(await get(who, `/v1/accounts/${one}/events`));
    expect(events).toMatchObject([{ type: 'AccountOpened' }, { type: 'MoneyDeposited', data: { amount } }]);
    const list = await listed(who, '/v1/accounts', last[tenant] as Reply);
    expect(dataOf(list)).toMatchObject([
      { id: one, balance: amount, owner: `${tenant}-owner` },
      { id: two, balance: 0, owner: `${tenant}-owner` },
    ]);
    const statement = await listed(who, `/v1/accounts/${one}/statement`, last[tenant] as Reply);
    expect(dataOf(statement)).toMatchObject([{ kind: 'deposited', amount }]);
  });

  it('cannot use each other’s cursors, tokens and receipts', async () => {
    const [ofAcme, ofBolt] = [teller[acme] as Who, teller[bolt] as Who];
    await listed(ofBolt, '/v1/accounts', last[bolt] as Reply);
    const { body } = await get(ofAcme, '/v1/accounts?limit=1');
    const page = await get(ofBolt, `/v1/accounts?limit=5&cursor=${String(body['nextCursor'])}`);
    expect(dataOf(page)).toMatchObject([{ id: two, owner: `${bolt}-owner` }]);
    const token = String(last[acme]?.headers.get('consistency-token'));
    const { headers } = await get(ofBolt, '/v1/accounts', { 'consistency-token': token });
    expect([headers.get('consistency-token'), headers.get('stale-by')]).toEqual([null, null]);
    const receipt = `/v1/accounts/${one}/commands/${String(last[acme]?.body['commandId'])}`;
    expect(await get(ofAcme, receipt)).toMatchObject({ status: 200, body: { status: 'accepted' } });
    expect(await get(ofBolt, receipt)).toMatchObject({ status: 404, body: { code: 'COMMAND.NOT_FOUND' } });
  });

  it('hear their own events only', async () => {
    const sources = [acme, bolt].map((tenant) => {
      return new EventSource(`${url}/v1/accounts/events`, teller[tenant]);
    });
    try {
      for (const [index, tenant] of [acme, bolt].entries()) {
        const heard = await eventually(
          async () => sources[index]?.heard ?? [],
          ({ length }) => length >= 3,
          60_000,
        );
        const paid = heard.filter(({ data }) => data['type'] === 'MoneyDeposited');
        expect(heard).toHaveLength(3);
        expect(paid).toMatchObject([{ data: { data: { amount: amounts[tenant] } } }]);
      }
    } finally {
      await Promise.all(sources.map((source) => source.close()));
    }
  });
});

describe('what a caller does not own', () => {
  const [alice, bob] = [as(acme, 'alice'), as(acme, 'bob')];
  const account = `of-alice-${run}`;
  // As long as the other one, so that the answers are, too.
  const none = `of-nobod-${run}`;
  let opened: Reply;
  let paid: Reply;

  beforeAll(async () => {
    opened = await send(alice, account, 'open', { owner: 'alice', currency: 'EUR' });
    paid = await send(as(acme, 'tim', 'teller'), account, 'deposit', { amount: 50 });
    await listed(alice, '/v1/accounts', paid);
  });

  /** A reply without what differs each time, and what it cost. */
  async function answer(path: (id: string) => string, id: string, headers = {}) {
    Object.assign(cost, { queries: 0, reads: 0, rows: 0 });
    const reply = await get(bob, path(id), headers);
    const text = (value: unknown) => JSON.stringify(value).replaceAll(id, 'ID');
    const shown = [...reply.headers].filter(([name]) => !['date', 'x-correlation-id'].includes(name));
    const { traceId: _, ...body } = reply.body;
    // A list that waits for a view asks it for two seconds, as often as it can.
    const { rows, ...counted } = cost;
    const spent = 'consistency-token' in headers ? counted : { ...counted, rows };
    return { status: reply.status, headers: text(shown), body: text(body), spent };
  }

  const stream = { accept: 'text/event-stream' };
  const commandOf = () => String(opened.body['commandId']);
  const token = (id: string) => ({ 'consistency-token': `account-${acme}.${id}@1` });
  const paths: [string, (id: string) => string, ((id: string) => object)?][] = [
    ['its state', (id) => `/v1/accounts/${id}`],
    ['its state, if it changed', (id) => `/v1/accounts/${id}`, () => ({ 'if-none-match': '"1"' })],
    ['its events', (id) => `/v1/accounts/${id}/events`],
    ['its latest events', (id) => `/v1/accounts/${id}/events?after=end`],
    ['later events', (id) => `/v1/accounts/${id}/events?after=1`],
    ['its feed', (id) => `/v1/accounts/${id}/events`, () => stream],
    ['its feed, from beyond its end', (id) => `/v1/accounts/${id}/events?after=99`, () => stream],
    ['a receipt', (id) => `/v1/accounts/${id}/commands/${commandOf()}`],
    [
      'a receipt, with a wait',
      (id) => `/v1/accounts/${id}/commands/${commandOf()}?until=projected`,
      () => ({ prefer: 'wait=5' }),
    ],
    ['the stages of a command', (id) => `/v1/accounts/${id}/commands/${commandOf()}`, () => stream],
    ['its statement', (id) => `/v1/accounts/${id}/statement`],
    ['the list, if it shows its writes', () => '/v1/accounts', token],
    ['its statement, if it shows its writes', (id) => `/v1/accounts/${id}/statement`, token],
  ];

  it.each(paths)('does not exist for it: %s', async (_, path, headers = () => ({})) => {
    const foreign = await answer(path, account, headers(account));
    expect(foreign).toEqual(await answer(path, none, headers(none)));
    expect([200, 404]).toContain(foreign.status);
    expect(foreign.body).not.toContain('alice');
  });

  it.each(paths)('exists for its owner: %s', async (_, path, headers = () => ({})) => {
    if ((headers(account) as Partial<typeof stream>).accept) return;
    const { status, body } = await get(alice, path(account), headers(account));
    expect([200, 304, 404].filter((one) => one !== 404)).toContain(status);
    if (Array.isArray(body['data']) && !path(account).includes('after='))
      expect(body['data']).not.toEqual([]);
  });

  it('is in no list of its own, whatever it asks for', async () => {
    await send(bob, `of-bob-${run}`, 'open', { owner: 'bob', currency: 'EUR' });
    const mine = await eventually(
      async () => dataOf(await get(bob, '/v1/accounts')),
      ({ length }) => length > 0,
      60_000,
    );
    expect(mine).toMatchObject([{ owner: 'bob' }]);
    expect(dataOf(await get(bob, '/v1/accounts?owner=alice'))).toEqual([]);
    expect(dataOf(await get(bob, '/v1/accounts?status=open'))).toHaveLength(1);
    expect(dataOf(await get(as(acme, 'sue', 'support'), '/v1/accounts?owner=alice'))).toHaveLength(1);
  });

  it('cannot be changed by it', async () => {
    const withdraw = (id: string) => post(bob, `/v1/accounts/${id}/withdraw`, { amount: 1 });
    const [foreign, absent] = [await withdraw(account), await withdraw(none)];
    expect([foreign.status, foreign.body['code']]).toEqual([absent.status, absent.body['code']]);
    expect((await get(alice, `/v1/accounts/${account}`)).body).toMatchObject({ balance: 50 });
  });
});
