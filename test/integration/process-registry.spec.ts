import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { type GivenOrder, ProcessRegistry } from '#libs/operations/workers/process-registry.js';
import type { ProcessReport } from '#libs/operations/workers/workers.schemas.js';

const pool = new Pool({ connectionString: String(process.env['DATABASE_URL']) });
const registry = new ProcessRegistry(pool);
afterAll(() => pool.end());

const slots = { activities: { used: 0, total: 100 } };
const report: ProcessReport = {
  roles: ['effects'],
  memoryBytes: 1,
  workers: [{ worker: 'q', state: 'running', restarts: 0, slots }],
};

let name: string;
let first: { id: string; process: string; service: string; instance: string };
beforeEach(() => {
  name = `p-${randomUUID()}`;
  first = { id: `${name}@box:1`, process: name, service: 'account', instance: 'first' + name };
});

const listed = async (of = name) => (await registry.list()).filter(({ process }) => process === of);
const order: GivenOrder = { verb: 'pause', operator: 'olivia' };
const beat = () => registry.beat(first, { report });

it('a process is listed as it has last reported', async () => {
  await beat();
  await registry.beat(first, { report: { ...report, memoryBytes: 2 } });
  expect(await listed()).toMatchObject([
    { state: 'running', restarts: 0, memoryBytes: 2, service: 'account' },
  ]);
});

describe('a process that starts again', () => {
  const again = () => registry.beat({ ...first, instance: `second${name}` }, { report });

  it('after an orderly end has the failure that it gave', async () => {
    await registry.beat(first, { report, failure: 'too much memory', isLast: true });
    expect(await listed()).toMatchObject([{ state: 'ended' }]);
    await again();
    expect(await listed()).toMatchObject([
      { state: 'running', restarts: 1, lastFailure: { reason: 'too much memory' } },
    ]);
  });

  it('after a kill is known to have been killed', async () => {
    await beat();
    await again();
    expect(await listed()).toMatchObject([
      { restarts: 1, lastFailure: { reason: 'it ended without a word; last heard of at this time' } },
    ]);
  });

  it('after a stop has no failure', async () => {
    await registry.beat(first, { report, isLast: true });
    await again();
    const [one] = await listed();
    expect(one?.restarts).toBe(1);
    expect(one?.lastFailure).toBeUndefined();
  });

  it('gets no order that was given to the one before', async () => {
    await beat();
    await registry.give(name, order);
    expect(await again()).toEqual([]);
  });
});

describe('an order', () => {
  it('is fetched once, by the process that it is for', async () => {
    await beat();
    const other = { ...first, id: `${name}@box:2`, instance: `other${name}` };
    await registry.beat(other, { report });
    expect(await registry.give(first.id, { ...order, worker: 'q' })).toEqual([first.id]);
    expect(await registry.beat(other, { report })).toEqual([]);
    expect(await beat()).toEqual([{ verb: 'pause', worker: 'q', operator: 'olivia' }]);
    expect(await beat()).toEqual([]);
    const [last] = (await registry.orders()).filter(({ process }) => process === first.id);
    expect(last).toMatchObject({ verb: 'pause', worker: 'q', operator: 'olivia' });
    expect(last?.obeyedAt).toBeDefined();
  });

  it('to a name is for all processes that have it', async () => {
    await beat();
    await registry.beat({ ...first, id: `${name}@other:1`, instance: `o${name}` }, { report });
    expect(await registry.give(name, order)).toEqual([`${name}@box:1`, `${name}@other:1`]);
    // Without a worker, it is for all.
    expect(await beat()).toEqual([order]);
  });

  it('to nobody, to one that has ended, or to a worker that does not exist is refused', async () => {
    await expect(registry.give(name, order)).rejects.toMatchObject({ status: 404 });
    await beat();
    await expect(registry.give(name, { ...order, worker: 'x' })).rejects.toThrow('has no x');
    await registry.beat(first, { report, isLast: true });
    await expect(registry.give(name, order)).rejects.toMatchObject({ status: 404 });
  });
});

it('the failures of a process are acknowledged once, also of one that is silent', async () => {
  const seen = { operator: 'olivia', reason: 'the disk was full' };
  await expect(registry.acknowledge(name, seen)).rejects.toMatchObject({ status: 404 });
  await beat();
  expect((await listed())[0]?.acknowledgedAt).toBeUndefined();
  await pool.query(
    `UPDATE perdure_memory.processes SET heard_at = now() - interval '21 seconds' WHERE process = $1`,
    [name],
  );
  expect(await registry.acknowledge(name, seen)).toEqual([first.id]);
  const [one] = await listed();
  expect(one).toMatchObject({ state: 'silent', acknowledgedAt: expect.any(String) });
  const [last] = (await registry.orders()).filter(({ process }) => process === first.id);
  expect(last).toMatchObject({ verb: 'acknowledge', ...seen, obeyedAt: expect.any(String) });
  // The process itself has nothing to do for it.
  expect(await beat()).toEqual([]);
});

it('silent processes and old orders are forgotten', async () => {
  await beat();
  await registry.give(name, order);
  await pool.query(
    `UPDATE perdure_memory.processes SET heard_at = now() - interval '21 seconds' WHERE process = $1`,
    [name],
  );
  expect(await listed()).toMatchObject([{ state: 'silent' }]);
  await pool.query(
    `UPDATE perdure_memory.processes SET heard_at = now() - interval '25 hours' WHERE process = $1`,
    [name],
  );
  await registry.forget();
  const { rowCount } = await pool.query('SELECT 1 FROM perdure_memory.processes WHERE process = $1', [name]);
  expect(rowCount).toBe(0);
});
