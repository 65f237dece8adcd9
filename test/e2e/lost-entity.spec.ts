import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { command, eventually, request } from '../support/account-rest.js';

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
