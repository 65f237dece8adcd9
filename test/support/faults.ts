import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { Pool } from 'pg';
import type { Need, Overview } from '#contracts/overview.js';
import type { ListedProcess } from '#libs/operations/workers/workers.schemas.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { allAnswer, command, eventually, post, read, request } from './account-rest.js';
import { askDoctor } from './doctor.js';
import { checkOut, done, sagaOf, shop, url, wait } from './shop.js';
import { sendWebhook } from './webhooks.js';

/** The user of the browser, who may do everything. */
export const WALKER = 'demo';

/** What was broken, and how it is known that it is whole again. */
export interface Caused {
  readonly kind: Need['kind'];
  /** Part of the title of what needs a person. */
  readonly title: string;
  /** Where mending is no matter of the console: what is done outside, once its page was read. */
  readonly repair?: () => Promise<void>;
  /** Whether the thing works again, as something other than the console and the overview tells. */
  readonly works: () => Promise<boolean>;
  /** Whatever has become of it, nobody else is disturbed by it. */
  readonly undo?: () => Promise<unknown>;
}

/** A way to break something on a stack that runs. */
export interface Fault {
  readonly name: string;
  readonly cause: () => Promise<Caused>;
}

const sql = async (text: string, values: readonly unknown[] = []): Promise<number> => {
  const pool = new Pool({ connectionString: String(process.env['DATABASE_URL']), max: 1 });
  try {
    return (await pool.query(text, [...values])).rowCount ?? 0;
  } finally {
    await pool.end();
  }
};

const stateOf = async (path: string): Promise<Record<string, unknown>> => (await read(url(path))).body;

/** What needs a person, as the API tells. */
export async function needsOf(): Promise<readonly Need[]> {
  const { body } = await request(url('/v1/overview'));
  return (body as unknown as Partial<Overview>).needs ?? [];
}

/** An account with a deposit that all its views show. */
export async function shownAccount(): Promise<string> {
  const id = `fault-${randomUUID()}`;
  await done(command(url(), id, 'open', { owner: 'Fault', currency: 'EUR' }, wait));
  await done(command(url(), id, 'deposit', { amount: 100 }, wait));
  await eventually(
    () => rowOf(id),
    (row) => row?.['balance'] === 100,
  );
  return id;
}

/** An account as the list shows it. */
export async function rowOf(id: string): Promise<Record<string, unknown> | undefined> {
  const { body } = await request(url('/v1/accounts?owner=Fault&limit=200'));
  return ((body['data'] ?? []) as Record<string, unknown>[]).find((row) => row['id'] === id);
}

/** The provider does not answer, so the step is retried until somebody says what became of it. */
async function stuckFulfilment(): Promise<Caused> {
  const bought = await shop({ customer: 'down' });
  await checkOut(bought);
  return {
    kind: 'stuck-saga',
    title: `${bought.cart}:checkout-1 is stuck at fulfil`,
    works: async () => (await sagaOf(bought)).body['status'] === 'completed',
  };
}

/** Makes the view of accounts refuse a balance, as a defect in its projection would. */
export async function refuseBalance(id: string, balance: number): Promise<() => Promise<number>> {
  const name = `fault_${randomUUID().replaceAll('-', '')}`;
  const check = `CHECK (NOT (id = '${id}' AND balance = ${balance})) NOT VALID`;
  await sql(`ALTER TABLE read_model.accounts_v1 ADD CONSTRAINT ${name} ${check}`);
  return () => sql(`ALTER TABLE read_model.accounts_v1 DROP CONSTRAINT IF EXISTS ${name}`);
}

async function parkedEntity(): Promise<Caused> {
  const id = await shownAccount();
  const accept = await refuseBalance(id, 107);
  await done(command(url(), id, 'deposit', { amount: 7 }, wait));
  const title = `account-default.${id} is parked in account.accounts.v1`;
  await eventually(needsOf, (needs) => needs.some((need) => need.title.includes(title)));
  await accept();
  return {
    kind: 'parked-entity',
    title,
    works: async () => (await rowOf(id))?.['balance'] === 107,
    undo: accept,
  };
}

async function standingRelay(): Promise<Caused> {
  const order = (verb: string, worker?: string) => post(url(`/v1/workers/inventory/${verb}`), { worker });
  expectOk(await order('pause', 'inventory-relay'));
  const sku = `fault-${randomUUID()}`;
  await done(post(url(`/v1/inventory/${sku}/receive`), { quantity: 3 }, wait));
  return {
    kind: 'relay-standing',
    title: 'the relay of the inventory service stands',
    works: async () => {
      const { body } = await request(url(`/v1/search?q=${sku}`));
      return (body['data'] as readonly object[]).length > 0;
    },
    undo: () => order('resume', 'inventory-relay'),
  };
}

function expectOk({ status, body }: { readonly status: number; readonly body: object }): void {
  if (status >= 300) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
}

/** A row that somebody has edited. The doctor that runs each night finds it. */
async function drift(): Promise<Caused> {
  const id = await shownAccount();
  const stream = `account-default.${id}`;
  await sql('UPDATE read_model.accounts_v1 SET balance = 7 WHERE id = $1', [id]);
  await askDoctor(url(), { stream });
  return {
    kind: 'drift',
    title: `${stream} differed from its stream (row)`,
    works: async () =>
      (await rowOf(id))?.['balance'] === 100 && (await askDoctor(url(), { stream })).length === 0,
    undo: () => askDoctor(url(), { stream, heal: true }),
  };
}

/** A payment whose workflow was terminated while it slept. It is woken, and finds no run. */
async function lostFlow(): Promise<Caused> {
  const id = `fault-${randomUUID()}`;
  const path = `/v1/flows/card-payment/${id}`;
  const input = { reference: id, amount: 250, currency: 'EUR', card: 'tok_visa', settleAfter: '1h' };
  await done(post(url(`${path}/start`), input, wait));
  const isAsleep = (state: Record<string, unknown>): boolean =>
    state['status'] === 'running' && JSON.stringify(state['waits'] ?? '').includes('sleep');
  await eventually(() => stateOf(path), isAsleep);
  const connection = await Connection.connect({ address: String(process.env['TEMPORAL_ADDRESS']) });
  const stream = `cardPayment-default.${id}`;
  await new Client({ connection }).workflow.getHandle(stream).terminate('a test');
  await connection.close();
  await eventually(
    async () => {
      await askDoctor(url(), { stream, heal: true });
      return stateOf(path);
    },
    ({ status }) => status === 'lost',
  );
  const charges = `${process.env['CARD_PROVIDER_URL']}/payments?reference=${id}`;
  return {
    kind: 'lost-flow',
    title: `${id} is lost`,
    works: async () => isAsleep(await stateOf(path)) && (await read(charges)).body['count'] === 1,
    undo: () => post(url(`${path}/cancel`), { reason: 'a test' }, wait),
  };
}

const READY = '/health/ready';

async function restartedWorker(): Promise<Caused> {
  killServer('desk');
  await eventually(needsOf, (needs) => needs.some(({ kind }) => kind === 'worker-restarts'), 120_000);
  await allAnswer([url(READY)], 120_000);
  return {
    kind: 'worker-restarts',
    title: 'process desk was restarted',
    works: async () => (await request(url(READY))).status === 200,
  };
}

async function overdueApproval(): Promise<Caused> {
  const id = `fault-${randomUUID()}`;
  const deadline = new Date(Date.now() + 20 * 60_000).toISOString();
  const asked = { subject: 'A refund', content: { order: id }, candidates: [`user:${WALKER}`], deadline };
  await done(post(url(`/v1/approvals/${id}/request`), asked, wait));
  return {
    kind: 'approval-due',
    title: `approval ${id} is due`,
    works: async () => (await stateOf(`/v1/approvals/${id}`))['status'] === 'approved',
    undo: () => post(url(`/v1/approvals/${id}/withdraw`), { reason: 'a test' }, wait),
  };
}

/** A message that nobody has taken for longer than anybody waits before they are told. */
async function unclaimedCallback(): Promise<Caused> {
  const key = `fault-${randomUUID()}`;
  expectOk(await sendWebhook({ key }));
  const id = `card:${key}`;
  const receivedAt = 'UPDATE read_model.callback_messages_v1 SET received_at = received_at';
  const older = `${receivedAt} - interval '6 minutes' WHERE id = $1`;
  await eventually(
    () => sql(older, [id]),
    (rows) => rows === 1,
  );
  return {
    kind: 'unclaimed-callback',
    title: `message 1 of card at ${id} is unclaimed`,
    works: async () => {
      const { body } = await request(url('/v1/callbacks?status=discarded&limit=200'));
      return (body['data'] as readonly { readonly id: string }[]).some((row) => row.id === id);
    },
    undo: () => sql(`${receivedAt} + interval '6 minutes' WHERE id = $1`, [id]),
  };
}

/** More than half of what may wait for one entity. */
const MESSAGES = 220;

/** An approval that is asked for again and again, faster than it is decided. */
async function hotEntity(): Promise<Caused> {
  const id = `fault-${randomUUID()}`;
  const order = (verb: string) => post(url(`/v1/workers/desk/${verb}`), { worker: 'desk' });
  expectOk(await order('pause'));
  await eventually(
    async () => (await request(url('/v1/workers'))).body['data'] as readonly ListedProcess[],
    (all) =>
      all
        .flatMap(({ workers }) => workers)
        .some(({ worker, state }) => worker === 'desk' && state === 'paused'),
  );
  const content = { text: 'x'.repeat(30_000) };
  const deadline = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const asked = { subject: 'A refund', content, candidates: [`user:${WALKER}`], deadline };
  const repeats = Array.from({ length: MESSAGES }, (_, number) => `${id}-${number}`);
  await eachOf(repeats, 8, async (key) => {
    expectOk(await post(url(`/v1/approvals/${id}/request`), asked, { 'idempotency-key': key }));
  });
  return {
    kind: 'hot-entity',
    title: `approval ${id} is sent more commands than it decides`,
    repair: async () => expectOk(await order('resume')),
    works: async () => (await stateOf(`/v1/approvals/${id}`))['status'] === 'open',
    undo: () => order('resume'),
  };
}

async function serverAway(): Promise<Caused> {
  killServer('event-store', 'SIGSTOP');
  const wake = async () => killServer('event-store', 'SIGCONT');
  return {
    kind: 'server-away',
    title: 'event-store does not answer',
    repair: wake,
    works: async () => {
      const id = `fault-${randomUUID()}`;
      const opened = await command(url(), id, 'open', { owner: 'Fault', currency: 'EUR' }, wait);
      return opened.status === 201 && (await request(url(READY))).status === 200;
    },
    undo: wake,
  };
}

/** Ten ways in which a stack breaks, each of another kind. */
export const FAULTS: readonly Fault[] = [
  { name: 'a stuck fulfilment', cause: stuckFulfilment },
  { name: 'a parked entity', cause: parkedEntity },
  { name: 'a relay that stands', cause: standingRelay },
  { name: 'drift', cause: drift },
  { name: 'a lost flow', cause: lostFlow },
  { name: 'a worker that was restarted', cause: restartedWorker },
  { name: 'an approval overdue', cause: overdueApproval },
  { name: 'an unclaimed callback', cause: unclaimedCallback },
  { name: 'a hot entity', cause: hotEntity },
  { name: 'a server away', cause: serverAway },
];
