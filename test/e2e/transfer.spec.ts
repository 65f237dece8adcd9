import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { command, eventually, post, read, request, type Reply } from '../support/account-rest.js';

const url = (path = ''): string => `${process.env['PERDURE_URL']}${path}`;
const wait = { prefer: 'wait=20' };

async function accountWith(amount: number): Promise<string> {
  const id = `t-${randomUUID()}`;
  await command(url(), id, 'open', { owner: 'Transfer', currency: 'EUR' }, wait);
  if (amount > 0) await command(url(), id, 'deposit', { amount }, wait);
  return id;
}

async function live(id: string): Promise<Record<string, unknown>> {
  return (await read(url(`/v1/accounts/${id}`))).body;
}

/** Starts a transfer, and waits until it has ended. */
async function transfer(from: string, to: string, amount: number, currency = 'EUR'): Promise<Reply> {
  const started = await post(url('/v1/transfers'), { from, to, amount, currency }, wait);
  expect(started.status).toBe(201);
  return ended(String(started.body['id']));
}

function ended(id: string): Promise<Reply> {
  return eventually(
    () => request(url(`/v1/transfers/${id}`)),
    ({ body }) => body['status'] === 'completed' || body['status'] === 'compensated',
  );
}

describe('a transfer', () => {
  it('moves the money, step by step', async () => {
    const [from, to] = [await accountWith(100), await accountWith(5)];
    const { body } = await transfer(from, to, 40);
    expect(body).toMatchObject({
      status: 'completed',
      input: { from, to, amount: 40, currency: 'EUR' },
      steps: [
        { name: 'hold', status: 'done', attempts: expect.any(Number) },
        { name: 'deposit', status: 'done', attempts: expect.any(Number) },
        { name: 'capture', status: 'done', attempts: expect.any(Number) },
      ],
    });
    expect(await live(from)).toMatchObject({ balance: 60, held: 0 });
    expect(await live(to)).toMatchObject({ balance: 45 });
  });

  it('is told in the events of the accounts and on receipts: it acts itself, on behalf of its sender', async () => {
    const [from, to] = [await accountWith(100), await accountWith(0)];
    const { body } = await transfer(from, to, 40);
    const acting = { actor: `transfer-default.${String(body['id'])}`, onBehalfOf: 'test' };
    const { data } = (await read(url(`/v1/accounts/${to}/events`))).body as { data: { commandId: string }[] };
    const [, deposited] = data;
    expect(deposited).toMatchObject({ type: 'MoneyDeposited', ...acting });
    const receipt = `/v1/accounts/${to}/commands/${encodeURIComponent(String(deposited?.commandId))}`;
    expect((await read(url(receipt))).body).toMatchObject({ status: 'accepted', ...acting });
  });

  it('gives the money back when the other account is closed', async () => {
    const [from, to] = [await accountWith(100), await accountWith(0)];
    await command(url(), to, 'close', {}, wait);
    const { body } = await transfer(from, to, 40);
    expect(body).toMatchObject({
      status: 'compensated',
      cause: { code: 'ACCOUNT.CLOSED' },
      steps: [
        { name: 'hold', status: 'undone' },
        { name: 'deposit', status: 'refused', refusal: { code: 'ACCOUNT.CLOSED' } },
      ],
    });
    expect(await live(from)).toMatchObject({ balance: 100, held: 0, available: 100 });
  });

  it('changes nothing when the money is lacking, or kept in another currency', async () => {
    const [from, to] = [await accountWith(10), await accountWith(0)];
    expect((await transfer(from, to, 40)).body).toMatchObject({
      status: 'compensated',
      cause: { code: 'ACCOUNT.INSUFFICIENT_FUNDS' },
    });
    expect((await transfer(from, to, 5, 'USD')).body).toMatchObject({
      cause: { code: 'ACCOUNT.CURRENCY_MISMATCH' },
    });
    expect(await live(from)).toMatchObject({ balance: 10, held: 0 });
  });

  it('never goes to the same account', async () => {
    const from = await accountWith(10);
    const body = { from, to: from, amount: 1, currency: 'EUR' };
    expect(await post(url('/v1/transfers'), body, wait)).toMatchObject({
      status: 422,
      body: { code: 'TRANSFER.SAME_ACCOUNT' },
    });
  });

  it('is started once under a key, and is too late to cancel once it is done', async () => {
    const [from, to] = [await accountWith(100), await accountWith(0)];
    const body = { from, to, amount: 40, currency: 'EUR' };
    const keyed = { ...wait, 'idempotency-key': randomUUID() };
    const first = await post(url('/v1/transfers'), body, keyed);
    const again = await post(url('/v1/transfers'), body, keyed);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body['id']).toBe(first.body['id']);
    const id = String(first.body['id']);
    await ended(id);
    expect(await post(url(`/v1/transfers/${id}/cancel`), { reason: 'late' }, wait)).toMatchObject({
      status: 409,
      body: { code: 'SAGA.NOT_RUNNING' },
    });
    expect(await live(from)).toMatchObject({ balance: 60 });
  });

  it('publishes its steps as its own events', async () => {
    const [from, to] = [await accountWith(100), await accountWith(0)];
    const { body } = await transfer(from, to, 1);
    const events = await request(url(`/v1/transfers/${String(body['id'])}/events`));
    const types = (events.body['data'] as { type: string }[]).map(({ type }) => type);
    expect(types).toEqual([
      'SagaStarted',
      ...['StepStarted', 'StepSucceeded', 'StepStarted', 'StepSucceeded', 'StepStarted', 'StepSucceeded'],
      'SagaCompleted',
    ]);
  });
});
