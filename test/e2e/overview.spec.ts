import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { createPerdureClient } from '#libs/client/client.js';
import { SERVICE_NAMES } from '#contracts/services.js';
import { eventually } from '../support/account-rest.js';
import { url } from '../support/shop.js';
import { tokenOf } from '../support/tokens.js';

let pool: Pool;
beforeAll(() => {
  pool = new Pool({ connectionString: String(process.env['DATABASE_URL']) });
});
afterAll(() => pool.end());

async function clientOf(username: string) {
  return createPerdureClient({ url: url(), token: await tokenOf(username) });
}

it('the overview tells of all services, and of a saga that is stuck until it is not', async () => {
  const id = `stuck-${randomUUID()}`;
  const olivia = await clientOf('olivia');
  // As its projection writes it.
  await pool.query(
    `INSERT INTO read_model.sagas_v3
       (saga, tenant, id, status, is_stuck, stuck_steps, stuck_since, revision, started_at, updated_at)
     VALUES ('transfer', 'default', $1, 'running', true, 'withdraw', now(), 3, now(), now())`,
    [id],
  );
  const needsOf = async () => (await olivia.overview()).needs.filter(({ subject }) => subject?.id === id);
  try {
    const answer = await olivia.overview();
    expect(answer.missing).toEqual([]);
    expect(answer.services.map(({ name }) => name).sort()).toEqual([...SERVICE_NAMES].sort());
    expect(answer.rates).toEqual({
      commandsPerSecond: expect.any(Number),
      eventsPerSecond: expect.any(Number),
    });
    expect(await needsOf()).toMatchObject([
      { kind: 'stuck-saga', severity: 'now', service: 'account', link: `/entities/transfer/${id}` },
    ]);
  } finally {
    await pool.query(`DELETE FROM read_model.sagas_v3 WHERE id = $1`, [id]);
  }
  expect(await needsOf()).toEqual([]);
});

it('the rates count commands that are decided', async () => {
  const [olivia, test] = [await clientOf('olivia'), await clientOf('test')];
  await test.entity('account', `rate-${randomUUID()}`).execute('Open', { owner: 'Rate', currency: 'EUR' });
  const answer = await eventually(
    () => olivia.overview(),
    ({ rates, latencies }) =>
      (rates.commandsPerSecond ?? 0) > 0 && latencies.commandMilliseconds !== undefined,
  );
  expect(answer.latencies.commandMilliseconds?.p50).toBeGreaterThan(0);
});

it('the overview is not for customers', async () => {
  const alice = await clientOf('alice');
  await expect(alice.overview()).rejects.toMatchObject({ status: 403, code: 'ACCESS.DENIED' });
});
