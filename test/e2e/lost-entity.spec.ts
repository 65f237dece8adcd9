import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { command, eventually, insistOn, request } from '../support/account-rest.js';
import { askDoctor } from '../support/doctor.js';

const url = String(process.env['PERDURE_URL']);
const wait = { prefer: 'wait=20' };

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: String(process.env['TEMPORAL_ADDRESS']) });
});
afterAll(() => connection.close());

async function types(account: string): Promise<readonly unknown[]> {
  const { body } = await request(`${url}/v1/accounts/${account}/events`);
  return ((body['data'] ?? []) as { type: string }[]).map(({ type }) => type);
}

describe('an account whose workflow is gone', () => {
  it('still lets its hold expire without any request', async () => {
    const account = `lost-${randomUUID()}`;
    expect((await command(url, account, 'open', { owner: 'eve', currency: 'EUR' }, wait)).status).toBe(201);
    expect((await command(url, account, 'deposit', { amount: 100 }, wait)).status).toBe(200);
    const expiresAt = new Date(Date.now() + 8_000).toISOString();
    const hold = { holdId: 'h', amount: 40, expiresAt };
    expect((await command(url, account, 'place-hold', hold, wait)).status).toBe(200);
    await new Client({ connection }).workflow.getHandle(`account-default.${account}`).terminate('a test');
    // The events are read from the store, which does not wake the entity.
    const happened = await eventually(
      () => types(account),
      (found) => found.includes('HoldExpired'),
    );
    expect(happened).toEqual(['AccountOpened', 'MoneyDeposited', 'HoldPlaced', 'HoldExpired']);
    const { body } = await request(`${url}/v1/accounts/${account}`);
    expect(body).toMatchObject({ balance: 100, held: 0, available: 100 });
  });
});

describe('a card payment whose workflow is gone', () => {
  const reference = `lost-${randomUUID()}`;
  const paymentUrl = `${url}/v1/flows/card-payment/${reference}`;
  const isListed = (status: string) =>
    eventually(
      () => request(`${url}/v1/flows?type=cardPayment&status=${status}`),
      ({ body }) => (body['data'] as { id: string }[]).some(({ id }) => id === reference),
    );
  const terminate = () =>
    new Client({ connection }).workflow.getHandle(`cardPayment-default.${reference}`).terminate('a test');

  it('is found by the doctor or once it is overdue, and is charged once', async () => {
    const input = { reference, amount: 250, currency: 'EUR', card: 'tok_visa', settleAfter: '10s' };
    await insistOn(`${paymentUrl}/start`, 'start', input, wait);
    await eventually(
      () => request(paymentUrl),
      ({ body }) => (body['waits'] as unknown[]).length > 0,
    );
    await terminate();
    const [found] = await askDoctor(url, { stream: `cardPayment-default.${reference}`, heal: true });
    expect(found).toMatchObject({ kind: 'entity', healed: true });
    await isListed('lost');
    await insistOn(`${paymentUrl}/restart`, 'restart', {}, wait);
    await eventually(
      () => request(paymentUrl),
      ({ body }) => body['status'] === 'running' && (body['waits'] as unknown[]).length > 0,
    );
    await terminate();
    await isListed('lost');
    await insistOn(`${paymentUrl}/restart`, 'restart again', {}, wait);
    await isListed('completed');
    const charged = await request(`${process.env['CARD_PROVIDER_URL']}/payments?reference=${reference}`);
    expect(charged.body).toMatchObject({ count: 1, charged: { EUR: 250 } });
  });
});
