import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { Pool } from 'pg';
import { command, eventually, type Reply, request } from '../support/account-rest.js';

const url = String(process.env['PERDURE_URL']);
const wait = { prefer: 'wait=20' };

let connection: Connection;
let pool: Pool;
let account: string;

beforeAll(async () => {
  connection = await Connection.connect({ address: String(process.env['TEMPORAL_ADDRESS']) });
  pool = new Pool({ connectionString: String(process.env['DATABASE_URL']) });
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await connection.close();
  await pool.end();
});

beforeEach(async () => {
  account = `old-${randomUUID()}`;
  const opened = await send('open', { owner: 'eve', currency: 'EUR' }, 'opening');
  expect(opened.status).toBe(201);
});

function send(
  name: string,
  body: object,
  key: string,
  headers: Record<string, string> = wait,
): Promise<Reply> {
  return command(url, account, name, body, { 'idempotency-key': key, ...headers });
}

/** Temporal no longer knows the account, as after a loss of its database. */
async function loseWorkflow(): Promise<void> {
  await new Client({ connection }).workflow.getHandle(`account-default.${account}`).terminate('a test');
}

/** Expires the details of all outcomes kept for the account. */
async function trim(): Promise<void> {
  await pool.query('UPDATE perdure_memory.outcomes SET outcome = NULL WHERE stream = $1', [
    `account-default.${account}`,
  ]);
}

function receipt(reply: Reply): Promise<Reply> {
  return request(`${url}/v1/accounts/${account}/commands/${String(reply.body['commandId'])}`);
}

describe('when the workflow of an account is gone', () => {
  it('the key of an accepted command gets its first outcome, and no other command', async () => {
    const first = await send('deposit', { amount: 5 }, 'k');
    await loseWorkflow();
    const again = await send('deposit', { amount: 5 }, 'k');
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    await loseWorkflow();
    const other = await send('deposit', { amount: 6 }, 'k');
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY.KEY_REUSED' } });
  });

  it('the key of a rejected one does, too, though it would be accepted by now', async () => {
    const first = await send('withdraw', { amount: 5 }, 'k');
    expect(first).toMatchObject({ status: 409, body: { code: 'ACCOUNT.INSUFFICIENT_FUNDS' } });
    await send('deposit', { amount: 50 }, 'pay-in');
    await loseWorkflow();
    const again = await send('withdraw', { amount: 5 }, 'k');
    expect(again.body).toMatchObject({ code: 'ACCOUNT.INSUFFICIENT_FUNDS', revision: 0 });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await receipt(first)).body).toMatchObject({ status: 'rejected', revision: 0 });
    await loseWorkflow();
    expect((await receipt(first)).body).toMatchObject({ status: 'rejected', revision: 0 });
    const other = await send('withdraw', { amount: 6 }, 'k');
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY.KEY_REUSED' } });
  });

  it('the key of one rejected long ago is gone, and its receipt shows that', async () => {
    const first = await send('withdraw', { amount: 5 }, 'k');
    await send('deposit', { amount: 50 }, 'pay-in');
    await trim();
    await loseWorkflow();
    const again = await send('withdraw', { amount: 5 }, 'k');
    expect(again).toMatchObject({ status: 410, body: { code: 'IDEMPOTENCY.KEY_EXPIRED' } });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    await loseWorkflow();
    const told = (await receipt(first)).body;
    expect(told).toMatchObject({ status: 'rejected', code: 'IDEMPOTENCY.KEY_EXPIRED' });
    expect((await send('withdraw', { amount: 5 }, 'new')).status).toBe(200);
  });

  it('a command under a used key that was answered 202 has a receipt of its own', async () => {
    await send('deposit', { amount: 5 }, 'k');
    const reused = await send('deposit', { amount: 6 }, 'k', {});
    expect(reused.status).toBe(202);
    const settled = await eventually(
      () => receipt(reused),
      ({ body }) => body['status'] !== 'pending',
    );
    expect(settled.body).toMatchObject({ status: 'rejected', code: 'IDEMPOTENCY.KEY_REUSED' });
    // It was decided from the ring alone, and is kept with the next decision.
    await send('deposit', { amount: 1 }, 'next');
    await loseWorkflow();
    expect((await receipt(reused)).body).toEqual(settled.body);
  });
});

describe('while the memory of outcomes does not answer', () => {
  it('commands continue, and what was rejected in the meantime is known afterwards', async () => {
    // The embedded event store is in PostgreSQL too, so only a locked table can simulate an outage.
    const locking = await pool.connect();
    await locking.query('BEGIN');
    await locking.query('LOCK TABLE perdure_memory.outcomes IN ACCESS EXCLUSIVE MODE');
    const rejected = await send('withdraw', { amount: 5 }, 'k');
    await locking.query('ROLLBACK');
    locking.release();
    expect(rejected.body['code']).toBe('ACCOUNT.INSUFFICIENT_FUNDS');
    await send('deposit', { amount: 50 }, 'pay-in');
    await loseWorkflow();
    const again = await send('withdraw', { amount: 5 }, 'k');
    expect(again.body).toMatchObject({ code: 'ACCOUNT.INSUFFICIENT_FUNDS', revision: 0 });
  });
});
