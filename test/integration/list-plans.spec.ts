import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { accountService } from '../../apps/account/src/account.service.js';
import { cartConfig } from '../../apps/cart/src/cart.config.js';
import { cartService } from '../../apps/cart/src/cart.service.js';
import { deskConfig } from '../../apps/desk/src/desk.config.js';
import { sources } from '../../apps/desk/src/inbox/inbox-sources.js';
import { deskService } from '../../apps/desk/src/desk.service.js';
import { inventoryConfig } from '../../apps/inventory/src/inventory.config.js';
import { inventoryService } from '../../apps/inventory/src/inventory.service.js';
import type { ReadRoute } from '#libs/api/entities/read-route.js';
import { readConfig } from '#libs/api/http/read-config.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import type { ColumnType, ViewTable, ViewTables } from '#libs/core/view-definition.js';
import { buildIndexes } from '#libs/read-model/view-indexes.js';
import { keptViewsOf } from '#libs/service/hosted-entity.js';
import { logger, openPool } from './read-path-kit.js';

const services = [
  accountService(),
  cartService(readConfig(cartConfig, {})),
  inventoryService(inventoryConfig.parse({})),
  deskService(readConfig(deskConfig, {})),
];
const routes = services.flatMap(({ entities }) => entities.flatMap(({ reads }) => reads));
const views = services.flatMap(({ entities }) => entities.flatMap(keptViewsOf));
const ROWS = 20_000;
const LIMIT = 10;
/**
 * Of blocks: ten rows of two tables, each found through an index. A scan of a table takes hundreds.
 */
const FEW_BLOCKS = 120;

/** A value that a few rows have, and one that nearly all have, where there is such a value. */
interface Sample {
  readonly rare: string;
  readonly common?: string;
}

const ofTenants = {
  tenant: { rare: 'acme', common: 'default' },
  status: { rare: 'running', common: 'completed' },
  stuck: { rare: 'true' },
};

/** What may be asked for, by route and parameter. Every parameter of every list has to be here. */
const samples: Readonly<Record<string, Readonly<Record<string, Sample>>>> = {
  accountList: { status: { rare: 'frozen', common: 'open' }, owner: { rare: 'owner-7' } },
  accountStatement: {},
  approvalList: {
    status: { rare: 'refused', common: 'open' },
    candidate: { rare: 'user:rare', common: 'user:most' },
    dueBefore: { rare: '2026-01-01T00:00:20Z', common: '2027-01-01T00:00:00Z' },
  },
  approvalMailList: ofTenants,
  callbackList: {
    tenant: ofTenants.tenant,
    status: { rare: 'unclaimed', common: 'claimed' },
    provider: { rare: 'rare', common: 'card' },
  },
  fulfilmentList: ofTenants,
  lowStockDigestList: ofTenants,
  stockImportList: ofTenants,
  stockImportAll: { status: ofTenants.status },
  cartList: { status: { rare: 'expired', common: 'open' }, customerId: { rare: 'customer_id-7' } },
  abandonedCartList: {
    end: { rare: 'abandoned', common: 'expired' },
    currency: { rare: 'USD', common: 'EUR' },
    minTotal: { rare: String(ROWS - 20), common: '1' },
  },
  inventoryList: { status: { rare: 'discontinued', common: 'active' }, level: { rare: 'awaited' } },
  reservationList: {
    cartId: { rare: 'cart_id-7' },
    sku: { rare: 'sku-7' },
    reservationId: { rare: 'reservation_id-7' },
    status: { rare: 'waiting', common: 'reserved' },
  },
  cardPaymentList: ofTenants,
  cardOperationList: ofTenants,
  interestRunList: ofTenants,
  cartReminderList: ofTenants,
  flowList: {
    tenant: ofTenants.tenant,
    type: { rare: 'cardPayment', common: 'cartReminder' },
    status: { rare: 'running', common: 'completed' },
    stuck: { rare: 'true' },
  },
  priceList: {
    sku: { rare: 'sku-7' },
    currency: { rare: 'USD', common: 'EUR' },
    status: { rare: 'planned', common: 'valid' },
  },
  bestSellerList: { day: { rare: '2026-11-29' } },
  checkoutList: ofTenants,
  transferList: ofTenants,
};
/** Parameters of several values that are all few. */
const others: Readonly<Record<string, readonly Sample[]>> = {
  level: [{ rare: 'low' }, { rare: 'sold-out' }],
};

/** Callers that see only what they own: little, most of all rows, and nothing. */
const owners: Readonly<Record<string, readonly string[]>> = {
  accountList: ['owner-7', 'owner-most', 'nobody'],
  accountStatement: ['owner-7', 'nobody'],
  approvalList: ['rare', 'most', 'nobody'],
  approvalMailList: ['owner-7', 'owner-most', 'nobody'],
  fulfilmentList: ['owner-7', 'owner-most', 'nobody'],
  lowStockDigestList: ['owner-7', 'owner-most', 'nobody'],
  stockImportList: ['owner-7', 'owner-most', 'nobody'],
  cartList: ['customer_id-7', 'customer_id-most', 'nobody'],
  cardPaymentList: ['owner-7', 'owner-most', 'nobody'],
  interestRunList: ['owner-7', 'owner-most', 'nobody'],
  cardOperationList: ['owner-7', 'owner-most', 'nobody'],
  cartReminderList: ['owner-7', 'owner-most', 'nobody'],
  flowList: ['owner-7', 'owner-most', 'nobody'],
  checkoutList: ['owner-7', 'owner-most', 'nobody'],
  transferList: ['owner-7', 'owner-most', 'nobody'],
};

/**
 * One row in a thousand is a rare one. Columns that are not named here differ in every row, or are
 * the row's number.
 */
const rarely = (rare: string, common: string) => `CASE WHEN n % 1000 = 7 THEN ${rare} ELSE ${common} END`;
/** One owner has nearly half of all. */
const mostly = `CASE WHEN n % 4 < 2 THEN 'owner-most' ELSE 'owner-' || n END`;
const columns: Readonly<Record<string, string>> = {
  tenant: `'default'`,
  saga: `CASE WHEN n % 2 = 0 THEN 'transfer' ELSE 'checkout' END`,
  'approvals_v1.id': `'approval-' || n`,
  // A row is found through another table, so fewer of them are rare.
  'approvals_v1.status': `CASE WHEN n % 2000 = 7 THEN 'refused' ELSE 'open' END`,
  'approval_parties_v1.approval_id': `'approval-' || n`,
  'approval_parties_v1.party': `CASE WHEN n % 2000 = 7 THEN 'user:rare' ELSE 'user:most' END`,
  'approval_parties_v1.part': `'candidate'`,
  'approval_parties_v1.may_decide': 'true',
  'callback_messages_v1.tenant': rarely(`'acme'`, `'default'`),
  'callback_messages_v1.status': rarely(`'unclaimed'`, `'claimed'`),
  'callback_messages_v1.provider': rarely(`'rare'`, `'card'`),
  'accounts_v1.id': `'account-' || n`,
  'accounts_v1.owner': `CASE WHEN n % 2 = 0 THEN 'owner-most' ELSE 'owner-' || n END`,
  'accounts_v1.status': rarely(`'frozen'`, `'open'`),
  'statement_entries_v1.account_id': `'account-' || n / 100`,
  'carts_v2.customer_id': `CASE WHEN n % 2 = 0 THEN 'customer_id-most' ELSE 'customer_id-' || n END`,
  'carts_v2.status': rarely(`'expired'`, `'open'`),
  'abandoned_carts_v1.ending': rarely(`'abandoned'`, `'expired'`),
  'abandoned_carts_v1.currency': rarely(`'USD'`, `'EUR'`),
  'stock_v2.status': rarely(`'discontinued'`, `'active'`),
  'stock_v2.waiting': rarely('1', '0'),
  'stock_v2.available': rarely('0', '100'),
  'stock_v2.reorder_point': '10',
  'reservation_states_v1.status': rarely(`'waiting'`, `'reserved'`),
  'prices_v1.currency': rarely(`'USD'`, `'EUR'`),
  'prices_v1.status': rarely(`'planned'`, `'valid'`),
  'best_sellers_v1.day': `'2026-11-29'`,
  'flows_v2.tenant': rarely(`'acme'`, `'default'`),
  'sagas_v3.tenant': rarely(`'acme'`, `'default'`),
  'flows_v2.type': `CASE WHEN n % 2 = 0 THEN 'cardPayment' ELSE 'cartReminder' END`,
  'flows_v2.status': `CASE WHEN n % 1000 IN (7, 8) THEN 'running' ELSE 'completed' END`,
  'flows_v2.is_stuck': 'n % 1000 IN (7, 8)',
  'flows_v2.started_by': mostly,
  'sagas_v3.status': `CASE WHEN n % 1000 IN (7, 8) THEN 'running' ELSE 'completed' END`,
  'sagas_v3.is_stuck': 'n % 1000 IN (7, 8)',
  'sagas_v3.owner': mostly,
};
const byType: Readonly<Record<string, string>> = {
  bigint: 'n',
  integer: 'n',
  boolean: 'false',
  timestamptz: `timestamptz '2026-01-01' + n * interval '1 second'`,
};

let admin: Pool;
let pool: Pool;
const database = `plans_${randomUUID().replaceAll('-', '')}`;

beforeAll(async () => {
  admin = openPool();
  await admin.query(`CREATE DATABASE ${database}`);
  const url = new URL(String(process.env['DATABASE_URL']));
  url.pathname = `/${database}`;
  pool = new Pool({ connectionString: url.href });
  await migrateReadModel(pool, views);
  await buildIndexes({ pool, views, logger });
  for (const table of listedTables()) await fill(table);
  await pool.query('ANALYZE');
});

afterAll(async () => {
  await pool.end();
  await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
  await admin.end();
});

/** Each table that a list shows, once. */
function listedTables(): readonly ViewTable[] {
  const tables = routes.flatMap(({ view }) => Object.values(view.tables as ViewTables));
  return [...new Map(tables.map((table) => [table.name, table])).values()];
}

async function fill({ name, columns: declared }: ViewTable): Promise<void> {
  const values = Object.entries(declared).map(([column, type]) => valueOf(name, column, type));
  await pool.query(
    `INSERT INTO read_model.${name} (${Object.keys(declared).join(', ')})
     SELECT ${values.join(', ')} FROM generate_series(1, ${ROWS}) n`,
  );
}

function valueOf(table: string, column: string, type: ColumnType): string {
  const given = columns[`${table}.${column}`] ?? columns[column];
  return given ?? byType[type.replace('?', '')] ?? `'${column}-' || n`;
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

/** Asks as a list does, and is told how PostgreSQL finds it. */
async function planOf(find: (explaining: Pool) => Promise<unknown>): Promise<Plan> {
  let plan: Plan | undefined;
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
      plan = rows[0]['QUERY PLAN'][0].Plan as Plan;
      return { rows: [] };
    },
  };
  await find(explaining as unknown as Pool);
  if (!plan) throw new Error('the list asked PostgreSQL for nothing');
  return plan;
}

function scannedIn({ Plans = [], ...node }: Plan): readonly string[] {
  const scanned = node['Node Type'] === 'Seq Scan' ? [String(node['Relation Name'])] : [];
  return [...scanned, ...Plans.flatMap(scannedIn)];
}

/** What is wrong with the plan for a page, if anything is. */
function costOf(plan: Plan): { readonly scanned: readonly string[]; readonly blocks: number } | undefined {
  const blocks = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  const scanned = scannedIn(plan);
  return scanned.length > 0 || blocks > FEW_BLOCKS ? { scanned, blocks } : undefined;
}

type Asked = Readonly<Record<string, string>>;

type Request = ReturnType<typeof requestOf>;

function requestOf(query: Asked, caller?: string, isOfAllTenants = false) {
  const onlyFor = caller === undefined ? undefined : { id: caller, roles: [] };
  return { id: 'account-7', query: { ...query }, tenant: 'default', onlyFor, isOfAllTenants };
}

/** Everything that may be asked for, as everybody who may ask. */
function requestsOf(route: ReadRoute): readonly Request[] {
  const callers = [undefined, ...(owners[route.operationId] ?? [])];
  return combinationsOf(route).flatMap((asked) => {
    if (!route.query.safeParse(asked).success) return [];
    const query = route.query.parse(asked) as Asked;
    const byOperators = route.allTenants ? [requestOf(query, undefined, true)] : [];
    return [...callers.map((caller) => requestOf(query, caller)), ...byOperators];
  });
}

/** Every combination of parameters, each left out, with its rare values and with its common one. */
function combinationsOf({ operationId }: ReadRoute): readonly Asked[] {
  let combinations: readonly Asked[] = [{}];
  for (const [name, sample] of Object.entries(samples[operationId] ?? {})) {
    const values = [sample, ...(others[name] ?? [])].flatMap(({ rare, common }) =>
      [rare, common ?? []].flat(),
    );
    combinations = combinations.flatMap((asked) => [
      asked,
      ...values.map((value) => ({ ...asked, [name]: value })),
    ]);
  }
  return combinations;
}

test('every parameter of every list is asked for here', () => {
  const parameters = routes.map(({ operationId, query }) => [operationId, Object.keys(query.shape).sort()]);
  const asked = Object.entries(samples).map(([operationId, of]) => [operationId, Object.keys(of).sort()]);
  expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(parameters));
});

test('every list that belongs to somebody is asked for by its owners here', () => {
  const owned = routes.flatMap(({ operationId, ownedBy }) => (ownedBy ? [operationId] : []));
  expect(Object.keys(owners).sort()).toEqual(owned.sort());
});

test('every column that is given a value here is a column of a list', () => {
  const known = listedTables().flatMap(({ name, columns: declared }) =>
    Object.keys(declared).flatMap((column) => [column, `${name}.${column}`]),
  );
  expect(Object.keys(columns).filter((column) => !known.includes(column))).toEqual([]);
});

describe.each(routes.map((route) => [route.path, route] as const))('%s', (_, route) => {
  test('finds a page by an index, whatever is asked for and wherever it begins', async () => {
    const costly: unknown[] = [];
    for (const request of requestsOf(route)) {
      // Half of all rows are before it, where so many are found.
      const half = await route.find(pool, { ...request, limit: ROWS / 2 });
      for (const cursor of [undefined, half.nextCursor]) {
        const plan = await planOf((explaining) =>
          route.find(explaining, { ...request, limit: LIMIT, cursor }),
        );
        const cost = costOf(plan);
        if (cost) costly.push({ request, deep: cursor !== undefined, ...cost });
      }
    }
    expect(costly).toEqual([]);
  });
});

describe('the inbox finds a page by an index, wherever it begins', () => {
  const caller = (id: string, ...roles: string[]) => ({
    tenant: 'default',
    id,
    kind: 'user' as const,
    roles,
  });
  const operators = [caller('olivia', 'operator'), caller('sue', 'supervisor')];
  const callers = {
    saga: operators,
    flow: operators,
    approval: [caller('most'), caller('rare'), caller('nobody')],
  };

  test.each(['saga', 'flow', 'approval'] as const)('of what it shows of kind %s', async (kind) => {
    const costly: unknown[] = [];
    for (const who of callers[kind]) {
      const page = (limit: number, cursor: string | undefined, from = pool) =>
        sources[kind](from, { caller: who, limit, cursor });
      const [few, half] = [await page(1, undefined), await page(ROWS / 2, undefined)];
      for (const cursor of [undefined, few.nextCursor, half.nextCursor]) {
        const cost = costOf(await planOf((explaining) => page(LIMIT, cursor, explaining)));
        if (cost) costly.push({ who, cursor, ...cost });
      }
    }
    expect(costly).toEqual([]);
  });
});
