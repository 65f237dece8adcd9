import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { accountService } from '../../apps/account/src/account.service.js';
import { cartConfig } from '../../apps/cart/src/cart.config.js';
import { cartService } from '../../apps/cart/src/cart.service.js';
import { deskConfig } from '../../apps/desk/src/desk.config.js';
import { deskService } from '../../apps/desk/src/desk.service.js';
import { webhookSearch } from '../../apps/desk/src/webhooks/webhook-search.js';
import { readConfig } from '#libs/api/http/read-config.js';
import { Search } from '#libs/api/search/search.js';
import type { Party } from '#libs/core/party.js';
import { viewKey } from '#libs/core/view-definition.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import type { Caller } from '#libs/identity/caller.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import { buildIndexes } from '#libs/read-model/view-indexes.js';
import { keptViewsOf } from '#libs/service/hosted-entity.js';
import { logger, openPool } from './read-path-kit.js';

const services = [
  accountService(),
  cartService(readConfig(cartConfig, {})),
  deskService(readConfig(deskConfig, {})),
];
const definitions = services.flatMap(({ entities }) => entities);
/** In all, and as many commands. */
const ENTITIES = 100_000;
/** What a search may take. */
const MOST_MILLISECONDS = 200;
/** The machine may be busy with something else. */
const TIMES = 5;

let admin: Pool;
let pool: Pool;
let search: Search;
const database = `search_${randomUUID().replaceAll('-', '')}`;

beforeAll(async () => {
  admin = openPool();
  await admin.query(`CREATE DATABASE ${database}`);
  const url = new URL(String(process.env['DATABASE_URL']));
  url.pathname = `/${database}`;
  pool = new Pool({ connectionString: url.href });
  // Its last connection may be ended by the database that is dropped.
  pool.on('error', () => undefined);
  const views = definitions.flatMap(keptViewsOf);
  await migrateReadModel(pool, views);
  await buildIndexes({ pool, views, logger });
  await fill();
  search = searchIn(pool);
});
afterAll(async () => {
  await pool.end();
  await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
  await admin.end();
});

/** Accounts, carts and callbacks; a customer has one of a thousand of the former. */
async function fill(): Promise<void> {
  const category = `CASE n % 3 WHEN 0 THEN 'account' WHEN 1 THEN 'cart' ELSE 'callback' END`;
  const id = `CASE n % 3 WHEN 2 THEN 'card:order-' || n ELSE 'thing-' || n END`;
  const all = `generate_series(1, ${ENTITIES}) n`;
  const time = `timestamptz '2026-01-01' + n * interval '1 second'`;
  await pool.query(`INSERT INTO read_model.entities (view, stream, revision, base)
    SELECT ${category} || '.index.v1', ${category} || '-default.' || ${id}, 0, '{}' FROM ${all}`);
  await pool.query(`INSERT INTO read_model.commands_v1 (stream, command_id, key_id, revision, events, at)
    SELECT ${category} || '-default.' || ${id}, 'command-' || n, 'key-' || n, 0, 'One Two', ${time} FROM ${all}`);
  await pool.query(`INSERT INTO read_model.accounts_v1
      (tenant, id, status, owner, currency, balance, held, available, revision, opened_at, updated_at)
    SELECT 'default', 'thing-' || n, 'open', 'owner-' || n % 1000, 'EUR', 0, 0, 0, 0, ${time}, ${time}
    FROM ${all} WHERE n % 3 = 0`);
  await pool.query(`INSERT INTO read_model.callback_messages_v1
      (tenant, id, n, provider, webhook_id, status, received_at, revision)
    SELECT 'default', 'card:order-' || n, 1, 'card', 'msg_' || n, 'unclaimed', ${time}, 0
    FROM ${all} WHERE n % 3 = 2`);
  await pool.query(`INSERT INTO read_model.origins_v1 (stream, command_id, correlation_id, trace_id, at)
    SELECT ${category} || '-default.' || ${id}, 'command-' || n, 'chain-' || n / 2, 'trace-' || n, ${time} FROM ${all}`);
  await pool.query('ANALYZE');
}

/** Entities belong to `owner-3`, as these stand-ins say. */
function searchIn(database: Pool): Search {
  return new Search({
    pool: database,
    gateway: {
      state: async (_, party?: Party) => (party?.id === 'owner-3' ? { state: {}, revision: 0 } : undefined),
      receipt: async (_, commandId, party) =>
        party?.id === 'owner-3' ? { status: 'pending', commandId } : undefined,
    },
    entities: definitions.map(({ contract, reads, decider }) => {
      return { contract, reads, indexKey: viewKey(entityIndexView(decider)) };
    }),
    sources: { webhooks: webhookSearch(['card']) },
    logger,
  });
}

function caller(id: string, ...roles: string[]): Caller {
  return { tenant: 'default', id, kind: 'user', roles };
}
const sam = caller('sam', 'support');

async function found(q: string, by: Caller = sam) {
  const { data, missing } = await search.find({ q, caller: by });
  expect(missing).toEqual([]);
  return data;
}

/** The same, if it is found in time at least once. */
async function foundInTime(q: string) {
  const times: number[] = [];
  for (let time = 1; time < TIMES; time += 1) {
    const startedAt = performance.now();
    await found(q);
    times.push(performance.now() - startedAt);
  }
  expect(Math.min(...times)).toBeLessThan(MOST_MILLISECONDS);
  return found(q);
}
const linksOf = (hits: Awaited<ReturnType<typeof found>>) => hits.map(({ kind, link }) => [kind, link]);

describe(`among ${ENTITIES} entities`, () => {
  it.each([
    ['an entity', 'thing-30000', 'account', '/entities/account/thing-30000'],
    ['a command', 'command-40000', 'command', '/entities/cart/thing-40000?command=command-40000'],
    ['a trace', 'trace-40000', 'trace', '/entities/cart/thing-40000?command=command-40000'],
    ['a correlation', 'chain-20000', 'correlation', '/entities/cart/thing-40000?command=command-40000'],
    ['a webhook', 'msg_50000', 'webhook', '/entities/callback/card%3Aorder-50000'],
    ['a webhook about an order', 'order-50000', 'webhook', '/entities/callback/card%3Aorder-50000'],
    ['a customer', 'owner-999', 'customer', '/entities/account/thing-66999'],
  ])('%s is found by its id, first of all, in time', async (_, q, kind, link) => {
    const hits = await foundInTime(q);
    expect(linksOf(hits)).toContainEqual([kind, link]);
    if (!['customer', 'correlation'].includes(kind)) expect(hits[0]).toMatchObject({ kind, link });
  });

  it('ids that begin so are found, those of the next ones are not', async () => {
    const hits = await found('thing-3000');
    expect(hits[0]).toMatchObject({ id: 'thing-3000', detail: 'open', title: 'account thing-3000' });
    expect(hits).toHaveLength(8);
    expect(hits.every(({ id }) => id.startsWith('thing-3000'))).toBe(true);
  });

  it('no more than 20 are found, in time, however many begin so', async () => {
    expect(await foundInTime('t')).toHaveLength(20);
  });

  it('nothing is found by what is in no index', async () => {
    for (const q of ['nothing', 'thing-3000%', "'; --", 'ü', 'a/b']) expect(await found(q)).toEqual([]);
  });
});

describe('a caller finds', () => {
  it('only what its role may read', async () => {
    const kinds = (by: Caller) =>
      found('thing-3000', by).then((hits) => [...new Set(hits.map(({ kind }) => kind))]);
    expect(await kinds(caller('tom', 'teller'))).toEqual(['account']);
    expect(await kinds(caller('shop', 'storefront'))).toEqual(['cart']);
    expect(await kinds(caller('will', 'warehouse'))).toEqual([]);
    expect(await found('msg_50000', caller('tom', 'teller'))).toEqual([]);
    expect(await found('command-40000', caller('tom', 'teller'))).toEqual([]);
  });

  it('of what belongs to others nothing, and its own by the whole id', async () => {
    for (const q of ['thing-3000', 'command-3000', 'owner-3'])
      expect(await found(q, caller('eve'))).toEqual([]);
    const own = caller('owner-3');
    expect(linksOf(await found('thing-3000', own))).toEqual([['account', '/entities/account/thing-3000']]);
    expect(await found('thing-300', own)).toMatchObject([{ id: 'thing-300' }]);
    expect(await found('command-3000', own)).toMatchObject([{ kind: 'command' }]);
    expect((await found('owner-3', own)).length).toBeGreaterThan(0);
  });

  it('nothing of another tenant', async () => {
    const other = { ...sam, tenant: 'acme' };
    for (const q of ['thing-3000', 'command-3000', 'owner-3', 'msg_50000', 'trace-40000'])
      expect(await found(q, other)).toEqual([]);
  });
});

it('what cannot be asked is named, and the rest is answered', async () => {
  const broken = {
    query: (asked: { readonly name?: string }, ...rest: readonly never[]) =>
      asked.name === 'search commands'
        ? Promise.reject(new Error('away'))
        : pool.query(asked as never, ...rest),
  };
  const answer = await searchIn(broken as unknown as Pool).find({ q: 'thing-30000', caller: sam });
  expect(answer.missing).toEqual([{ source: 'commands', reason: 'does not answer' }]);
  expect(answer.data[0]).toMatchObject({ id: 'thing-30000' });
});
