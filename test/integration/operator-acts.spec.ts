import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { type BegunAct, OperatorActs } from '#libs/operations/audit/operator-acts.js';

const pool = new Pool({ connectionString: String(process.env['DATABASE_URL']) });
const acts = new OperatorActs(pool);
afterAll(() => pool.end());

const operator = `olivia-${randomUUID()}`;
const act: BegunAct = {
  ...{ tenant: 'default', operator, service: 'account', area: 'workers', verb: 'drain' },
  ...{ subject: 'account-work', reason: 'new \0 machine', detail: { worker: 'x\0' }, traceId: 'a' },
};

beforeAll(async () => {
  const refused = await acts.begin(act);
  await acts.begin({ ...act, verb: 'pause' });
  await acts.end(refused, { outcome: 'refused', code: 'WORKER.NOT_FOUND' });
  await acts.begin({ ...act, tenant: 'acme', verb: 'revoke', area: 'api-keys' });
});

const listed = async (filters: Parameters<OperatorActs['list']>[0] = { limit: 10 }) => {
  return (await acts.list({ operator, ...filters })).data.map(({ verb }) => verb);
};

it('acts are listed as they were recorded, latest first', async () => {
  const { data } = await acts.list({ operator, limit: 10 });
  expect(data.map(({ verb }) => verb)).toEqual(['revoke', 'pause', 'drain']);
  expect(data[1]).toMatchObject({ outcome: 'begun' });
  expect(data[1]).not.toHaveProperty('endedAt');
  expect(data[2]).toMatchObject({
    ...{ subject: 'account-work', reason: 'new \uFFFD machine', detail: { worker: 'x\0' } },
    ...{ outcome: 'refused', code: 'WORKER.NOT_FOUND', endedAt: expect.any(String) },
  });
});

it('they are filtered, and read in pages', async () => {
  expect(await listed({ limit: 10, tenant: 'acme' })).toEqual(['revoke']);
  expect(await listed({ limit: 10, outcome: 'refused' })).toEqual(['drain']);
  expect(await listed({ limit: 10, until: '2026-01-01T00:00:00.000Z' })).toEqual([]);
  const { data, nextCursor } = await acts.list({ operator, limit: 2 });
  expect(data).toHaveLength(2);
  expect(await listed({ limit: 2, cursor: nextCursor })).toEqual(['drain']);
});

it('what was recorded of views before is taken over, once', async () => {
  const database = `audit_${randomUUID().replaceAll('-', '')}`;
  await pool.query(`CREATE DATABASE ${database}`);
  const address = new URL(String(process.env['DATABASE_URL']));
  address.pathname = `/${database}`;
  const earlier = new Pool({ connectionString: String(address) });
  try {
    await earlier.query(`CREATE SCHEMA read_model;
      CREATE TABLE read_model.view_audit (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT now(),
        operator text, view text, verb text, stream text, reason text);
      INSERT INTO read_model.view_audit (operator, view, verb, stream, reason)
        VALUES ('otto', 'a.b.v1', 'skip', 'a-default.x', 'twice'), ('otto', 'a.b.v1', 'rebuild', NULL, NULL)`);
    for (const one of [new OperatorActs(earlier), new OperatorActs(earlier)]) {
      expect((await one.list({ limit: 10 })).data).toMatchObject([
        { operator: 'otto', verb: 'rebuild', subject: 'a.b.v1', outcome: 'done' },
        { verb: 'skip', area: 'views', subject: 'a.b.v1/a-default.x', reason: 'twice' },
      ]);
    }
  } finally {
    await earlier.end();
    await pool.query(`DROP DATABASE ${database}`);
  }
});
