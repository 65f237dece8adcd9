import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import type { Rejected } from '#libs/core/outcome.js';
import type { OutcomeMemory } from '#libs/entity/activities/outcome-memory.js';
import { forget } from '#libs/entity/memory/forgetter.js';
import { createOutcomeMemory } from '#libs/entity/memory/postgres-outcome-memory.js';
import { openPool } from './read-path-kit.js';

let pool: Pool;
let memory: OutcomeMemory;
let stream: string;

beforeAll(() => {
  pool = openPool();
});
beforeEach(() => {
  memory = createOutcomeMemory(pool);
  stream = `account-default.${randomUUID()}`;
});
afterAll(() => pool.end());

const at = '2026-01-01T00:00:00.000Z';

function rejected(commandId: string, revision = 3): Rejected {
  return { status: 'rejected', commandId, revision, code: 'ACCOUNT.FROZEN', detail: 'it is “frozen”', at };
}

async function age(interval: string): Promise<void> {
  await pool.query(`UPDATE perdure_memory.outcomes SET kept_at = kept_at - $2::interval WHERE stream = $1`, [
    stream,
    interval,
  ]);
}

it('returns what was stored, by command and by key, for this stream alone', async () => {
  await memory.keep(stream, [{ keyId: 'key', outcome: rejected('a') }, { outcome: rejected('b') }]);
  const [a, b] = [rejected('a'), rejected('b')];
  expect(await memory.find(stream, ['a'])).toMatchObject([{ keyId: 'key', commandId: 'a', outcome: a }]);
  expect(await memory.find(stream, ['key'])).toMatchObject([{ commandId: 'a' }]);
  expect(await memory.find(stream, ['b'])).toEqual([
    { commandId: 'b', revision: 3, at: expect.any(String), outcome: b },
  ]);
  expect(await memory.find(stream, ['c'])).toEqual([]);
  expect(await memory.find(stream.replace('default', 'other'), ['a', 'key', 'b'])).toEqual([]);
});

it('keeps who sent a command for as long as its key', async () => {
  await memory.keep(stream, [{ keyId: 'key', outcome: { ...rejected('a'), actor: 'alice' } }]);
  await age('25 hours');
  await forget({ pool, outcomeHours: 24, keyDays: 30 });
  expect(await memory.find(stream, ['key'])).toEqual([
    { keyId: 'key', commandId: 'a', actor: 'alice', revision: 3, at: expect.any(String) },
  ]);
});

it('gives a table of older code what it lacks, and reads its rows', async () => {
  await memory.keep(stream, [{ keyId: 'key', outcome: rejected('a') }]);
  await pool.query('ALTER TABLE perdure_memory.outcomes DROP COLUMN actor');
  const next = createOutcomeMemory(pool);
  expect(await next.find(stream, ['a'])).toMatchObject([{ commandId: 'a', outcome: rejected('a') }]);
  await next.keep(stream, [{ outcome: { ...rejected('b'), actor: 'bob' } }]);
  expect(await next.find(stream, ['b'])).toMatchObject([{ actor: 'bob', outcome: { actor: 'bob' } }]);
});

it('is created once by concurrent first users', async () => {
  await pool.query('DROP SCHEMA IF EXISTS perdure_memory CASCADE');
  const first = Array.from({ length: 5 }, () => createOutcomeMemory(pool).find(stream, ['a']));
  expect(await Promise.all(first)).toEqual([[], [], [], [], []]);
});

it('lets no older decision take the place of a newer one', async () => {
  await memory.keep(stream, [{ keyId: 'key', outcome: rejected('a', 5) }]);
  await memory.keep(stream, [{ keyId: 'key', outcome: rejected('a', 4) }]);
  expect(await memory.find(stream, ['a'])).toMatchObject([{ revision: 5, outcome: { revision: 5 } }]);
  await memory.keep(stream, [{ keyId: 'key', outcome: rejected('a', 6) }]);
  expect(await memory.find(stream, ['a'])).toMatchObject([{ revision: 6, outcome: { revision: 6 } }]);
});

it('returns the latest, oldest first, and whether there are more', async () => {
  for (const name of ['a', 'b', 'c']) await memory.keep(stream, [{ outcome: rejected(name) }]);
  const ids = ({ entries }: Awaited<ReturnType<OutcomeMemory['latest']>>) =>
    entries.map(({ outcome }) => outcome.commandId);
  const two = await memory.latest(stream, 2);
  expect([ids(two), two.hasMore]).toEqual([['b', 'c'], true]);
  const all = await memory.latest(stream, 3);
  expect([ids(all), all.hasMore]).toEqual([['a', 'b', 'c'], false]);
});

it('forgets the outcome after a day, and the key after a month', async () => {
  await memory.keep(stream, [{ keyId: 'key', outcome: rejected('a') }]);
  const kept = { outcomeHours: 24, keyDays: 30 };
  await age('23 hours 59 minutes');
  await forget({ pool, ...kept });
  expect(await memory.find(stream, ['key'])).toMatchObject([{ outcome: rejected('a') }]);
  await age('2 minutes');
  await forget({ pool, ...kept });
  const [trimmed] = await memory.find(stream, ['key']);
  expect(trimmed).toEqual({ keyId: 'key', commandId: 'a', revision: 3, at: expect.any(String) });
  expect(await memory.latest(stream, 5)).toEqual({ entries: [], hasMore: true });
  await age('29 days');
  await forget({ pool, ...kept });
  expect(await memory.find(stream, ['key'])).toEqual([]);
});

it('reports that it is unavailable', async () => {
  const nowhere = new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
  await expect(createOutcomeMemory(nowhere).find(stream, ['a'])).rejects.toThrow();
  await nowhere.end();
});
