import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { command, eventually, post, read, request } from '../support/account-rest.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

let running: ServiceProcess | undefined;
let url: string;
let address: string;

beforeAll(async () => {
  running = await startServiceProcess('account', { ROLES: 'api,worker' });
  ({ url } = running);
  address = `${url}/v1/workers`;
});
afterAll(() => running?.stop());

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly workers: readonly { readonly worker: string; readonly state: string }[];
}

/** This process, as it is listed. */
async function listed(): Promise<Listed | undefined> {
  const { body } = await request(address);
  return ((body['data'] ?? []) as readonly Listed[]).find(({ id }) => id.endsWith(`:${new URL(url).port}`));
}

const statesOf = (one: Listed | undefined) => [...new Set(one?.workers.map(({ state }) => state))].join();

async function ordered(verb: string, state: string): Promise<void> {
  const one = await eventually(listed, (found) => found !== undefined);
  const { status, body } = await post(`${address}/${encodeURIComponent(one?.id ?? '')}/${verb}`, {
    reason: 'a test',
  });
  expect([status, body]).toEqual([202, { processes: [one?.id] }]);
  await eventually(listed, (found) => statesOf(found) === state, 30_000);
}

it('a pause under commands loses nothing, and a drained process is unready', async () => {
  const account = `paused-${randomUUID()}`;
  await command(url, account, 'open', { owner: 'p', currency: 'EUR' }, { prefer: 'wait=20' });
  const deposit = (index: number) =>
    command(url, account, 'deposit', { amount: 1 }, { 'idempotency-key': `d-${index}` });
  const sent = Array.from({ length: 10 }, (_, index) => deposit(index));
  await ordered('pause', 'paused');
  for (const { status } of await Promise.all(sent)) expect(status).toBe(202);
  // Requests are still accepted; they wait in Temporal.
  expect((await request(`${url}/health/ready`)).status).toBe(200);
  for (let index = 5; index < 20; index += 1) expect((await deposit(index)).status).toBe(202);
  await ordered('resume', 'running');
  const state = await eventually(
    () => read(`${url}/v1/accounts/${account}`),
    ({ body }) => body['balance'] === 20,
    30_000,
  );
  expect(state.body).toMatchObject({ balance: 20 });

  await ordered('drain', 'paused');
  const ready = await request(`${url}/health/ready`);
  expect([ready.status, ready.body]).toMatchObject([
    503,
    { components: { process: { status: 'down', detail: 'it is drained' } } },
  ]);
}, 120_000);
