import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from '@temporalio/client';
import { Kafka as KafkaJs, logLevel, type Producer } from 'kafkajs';
import { Pool } from 'pg';
import { accountContract } from '#contracts/account/account.contract.js';
import { commandsTopic } from '#contracts/entity-contract.js';
import { entityControllers } from '#libs/api/entities/entity-controllers.js';
import { readController } from '#libs/api/entities/read.controller.js';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { EndingRequests } from '#libs/api/http/ending-requests.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { DryRuns } from '#libs/entity/gateway/dry-runs.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { EntityHistory } from '#libs/entity/gateway/entity-history.js';
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
import { encodeCursor } from '#libs/read-model/page.js';
import { brokers, logger, openPool } from '../integration/read-path-kit.js';
import { eventually, type Reply, request } from '../support/account-rest.js';
import { askDoctor } from '../support/doctor.js';
import { EventSource } from '../support/event-source.js';
import { patientStore } from '../support/patient-store.js';
import { bearerOf } from '../support/tokens.js';

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
        ...entityControllers(accountContract, presentAccount),
      ],
      providers: [
        EndingRequests,
        { provide: Authenticator, useClass: SaidCallers },
        AccessControl,
        { provide: RequestLog, useValue: { logger } },
        { provide: EntityGateway, useValue: gateway },
        { provide: EventFeeds, useValue: new EventFeeds(countedStore, logger) },
        { provide: StageFinder, useValue: new StageFinder({ store, pool, readSides, logger }) },
        { provide: DryRuns, useValue: new DryRuns(countedStore, [{ decider: accountDecider }]) },
        {
          provide: EntityHistory,
          useValue: new EntityHistory(countedStore, [{ decider: accountDecider, present: presentAccount }]),
        },
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
    const openBoth = async (tenant: string) => {
      const who = teller[tenant] as Who;
      const body = { owner: `${tenant}-owner`, currency: 'EUR' };
      const [, opened] = await Promise.all([one, two].map((id) => send(who, id, 'open', body)));
      last[tenant] = await send(who, one, 'deposit', { amount: amounts[tenant] });
      await listed(who, '/v1/accounts', opened as Reply);
    };
    await Promise.all([acme, bolt].map(openBoth));
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

/** A tenant of the services, with its users at the local issuer. */
interface Tenant {
  readonly name: string;
  /** What is paid in first. */
  readonly amount: number;
  /** Who does everything, and who only reads. */
  readonly doer: Credential;
  readonly reader: Credential;
}
type Credential = Readonly<Record<string, string>>;

describe('two tenants of the services, with the same ids', () => {
  const front = (path: string) => `${process.env['PERDURE_URL']}/v1/${path}`;
  // Lists are in the order of ids, so this finds the place right before it.
  const [before, id, other] = [`both-${run}-`, `both-${run}-1`, `both-${run}-2`];
  const tenants: Tenant[] = [];
  let operator: Credential;
  let producer: Producer;
  let swept: Promise<unknown>;

  const tell = (who: Credential, path: string, body: object) =>
    request(front(path), {
      method: 'POST',
      headers: { ...who, 'content-type': 'application/json', prefer: 'wait=20' },
      body: JSON.stringify(body),
    });
  const see = async (who: Credential, path: string) => (await request(front(path), { headers: who })).body;
  const once = (who: Credential, path: string, isSo: (body: Reply['body']) => boolean) =>
    eventually(() => see(who, path), isSo, 60_000);

  /** The rows with the id in a list, once the first is as it should be. */
  async function rowIn(
    who: Credential,
    list: string,
    tenant: string,
    isSo: (row: unknown) => boolean = () => true,
  ) {
    const cursor = encodeCursor(`${tenant}/${before}`);
    const body = await once(who, `${list}?limit=2&cursor=${cursor}`, ({ data }) => {
      const [row] = (data as Record<string, unknown>[] | undefined) ?? [];
      return row?.['id'] === id && row['tenant'] === tenant && isSo(row);
    });
    return (body['data'] as Record<string, unknown>[]).filter((row) => row['id'] === id);
  }

  beforeAll(async () => {
    const [test, sam, otto, olivia] = await Promise.all(['test', 'sam', 'otto', 'olivia'].map(bearerOf));
    tenants.push(
      { name: 'default', amount: 70, doer: test as Credential, reader: sam as Credential },
      { name: 'acme', amount: 1_000, doer: otto as Credential, reader: otto as Credential },
    );
    operator = olivia as Credential;
    producer = new KafkaJs({ brokers: brokers(), logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    const record = (who: Credential, key: string, type: string, data: object) => {
      // The ids of the commands are the same, too.
      const headers = { ...who, ce_specversion: '1.0', ce_type: type, ce_id: `${run} ${key} ${type}` };
      return { key, value: JSON.stringify(data), headers };
    };
    const messages = tenants.flatMap(({ doer, amount }) => [
      ...[id, other].map((account) => record(doer, account, 'Open', { owner: 'o', currency: 'EUR' })),
      record(doer, id, 'Deposit', { amount }),
    ]);
    await producer.send({ topic: commandsTopic('account'), messages, acks: -1 });
    await Promise.all(
      tenants.flatMap(({ doer, amount }) => [
        once(doer, `accounts/${id}`, ({ balance }) => balance === amount),
        once(doer, `accounts/${other}`, ({ owner }) => owner === 'o'),
      ]),
    );
    swept = loseHolds();
    swept.catch(() => undefined);
    const transfer = { from: id, to: other, amount: 100, currency: 'EUR' };
    const payment = { reference: 'order 1', amount: 1, currency: 'EUR', card: 'tok_visa' };
    const started = tenants.flatMap(({ doer }) => [
      tell(doer, `transfers/${id}/start`, transfer),
      tell(doer, `flows/card-payment/${id}/start`, payment),
    ]);
    for (const { status } of await Promise.all(started)) expect(status).toBe(201);
  });

  /** Leaves holds that end soon to the sweeper: their workflows are gone. */
  async function loseHolds(): Promise<void> {
    const expiresAt = new Date(Date.now() + 3_000).toISOString();
    await Promise.all(
      tenants.map(async ({ name, doer, amount }) => {
        const hold = { holdId: 'h', amount: amount / 10, expiresAt };
        expect((await tell(doer, `accounts/${other}/deposit`, { amount })).status).toBe(200);
        expect((await tell(doer, `accounts/${other}/place-hold`, hold)).status).toBe(200);
        await client.workflow
          .getHandle(`account-${name}.${other}`)
          .terminate()
          .catch(() => undefined);
      }),
    );
  }

  afterAll(async () => {
    for (const { doer } of tenants) await tell(doer, `flows/card-payment/${id}/cancel`, { reason: 'a test' });
    await producer.disconnect();
  });

  it('take commands from Kafka, each in its own', async () => {
    for (const { reader, amount } of tenants) {
      const { data } = await see(reader, `accounts/${id}/events`);
      expect((data as object[]).slice(0, 2)).toMatchObject([
        { type: 'AccountOpened' },
        { type: 'MoneyDeposited', data: { amount } },
      ]);
    }
  });

  it('see their own sagas, and operators those of both', async () => {
    const statuses: Record<string, string> = { default: 'compensated', acme: 'completed' };
    for (const { name, reader } of tenants) {
      const status = statuses[name];
      const hasEnded = (row: unknown) => (row as Record<string, unknown>)['status'] === status;
      expect(await rowIn(reader, 'transfers', name, hasEnded)).toMatchObject([{ tenant: name, status }]);
      expect((await rowIn(operator, 'transfers', name))[0]).toMatchObject({ tenant: name, status });
      const ofOne = await see(operator, `transfers?tenant=${name}&limit=200`);
      const found = (ofOne['data'] as Record<string, unknown>[]).map((row) => row['tenant']);
      expect(new Set(found)).toEqual(new Set([name]));
    }
    const foreign = await see(tenants[1]?.reader as Credential, 'transfers?tenant=default');
    expect(foreign).toEqual({ data: [] });
  });

  it('see their own flows, and operators name the tenant of what they mend', async () => {
    const [ours, theirs] = tenants as [Tenant, Tenant];
    expect((await tell(theirs.doer, `flows/card-payment/${id}/cancel`, { reason: 'a test' })).status).toBe(
      200,
    );
    const isCancelled = (row: unknown) => (row as Record<string, unknown>)['status'] === 'cancelled';
    expect(await rowIn(theirs.reader, 'flows/card-payment', 'acme', isCancelled)).toHaveLength(1);
    expect((await rowIn(operator, 'flows/card-payment', 'acme'))[0]).toMatchObject({ status: 'cancelled' });
    const running = [{ tenant: 'default', status: 'running' }];
    expect(await rowIn(ours.reader, 'flows/card-payment', 'default')).toMatchObject(running);
    const restart = (query: string, who = operator) =>
      tell(who, `flows/card-payment/${id}/restart${query}`, {});
    expect((await restart('?tenant=acme')).body).toMatchObject({ code: 'FLOW.ENDED' });
    expect((await restart('')).body).toMatchObject({ code: 'FLOW.NOT_LOST' });
    expect(await restart('?tenant=default', theirs.doer)).toMatchObject({ status: 403 });
  });

  it('get their own entities swept', async () => {
    await swept;
    for (const { doer, amount } of tenants) {
      const hold = { holdId: 'h', amount: amount / 10, currency: 'EUR' };
      const ofExpiry = ({ data }: Reply['body']) =>
        ((data as Record<string, unknown>[] | undefined) ?? []).filter(({ type }) => type === 'HoldExpired');
      const events = await once(doer, `accounts/${other}/events`, (body) => ofExpiry(body).length > 0);
      expect(ofExpiry(events)).toMatchObject([{ data: hold }]);
    }
  });

  it('get their own views healed', async () => {
    const shown = async (tenant: string) => {
      const { rows } = await pool.query<{ owner: string }>(
        'SELECT owner FROM read_model.accounts_v1 WHERE tenant = $1 AND id = $2',
        [tenant, id],
      );
      return rows[0]?.owner;
    };
    for (const { name, reader } of tenants) {
      const { revision } = await see(reader, `accounts/${id}`);
      await once(reader, `accounts?limit=1&cursor=${encodeCursor(before)}`, ({ data }) => {
        const [row] = (data as Record<string, unknown>[] | undefined) ?? [];
        return row?.['id'] === id && row['revision'] === revision;
      });
      await pool.query(`UPDATE read_model.accounts_v1 SET owner = 'x' WHERE tenant = $1 AND id = $2`, [
        name,
        id,
      ]);
    }
    const heal = async (tenant: string) => {
      const drift = await askDoctor(String(process.env['PERDURE_URL']), {
        stream: `account-${tenant}.${id}`,
        heal: true,
      });
      return drift.filter(({ kind }) => kind === 'row').map(({ stream, healed }) => [stream, healed]);
    };
    expect(await heal('acme')).toEqual([[`account-acme.${id}`, true]]);
    expect([await shown('acme'), await shown('default')]).toEqual(['o', 'x']);
    expect(await heal('default')).toEqual([[`account-default.${id}`, true]]);
    expect(await shown('default')).toBe('o');
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
    const [ofAccount, ofNone] = [account, none].map((id) => () => answer(path, id, headers(id)));
    // Both wait for a view for two seconds, and ask Temporal and the store nothing.
    const absent = 'consistency-token' in headers(none) ? ofNone?.() : undefined;
    const foreign = await ofAccount?.();
    if (absent) expect(foreign?.spent).toEqual({ queries: 0, reads: 0 });
    expect(foreign).toEqual(await (absent ?? ofNone?.()));
    expect([200, 404]).toContain(foreign?.status);
    expect(foreign?.body).not.toContain('alice');
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
