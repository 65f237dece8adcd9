import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { awaitWritten } from '#libs/api/entities/read-your-writes.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import { defineView, viewKey } from '#libs/core/view-definition.js';
import { eventually } from '../support/account-rest.js';
import { newCategory, openPool } from './read-path-kit.js';

const category = newCategory();
const view = defineView({
  name: 'shown',
  version: 1,
  category,
  tables: {},
  initialState: {},
  project: (state) => ({ state, rows: {} }),
});
const stream = (id: string): string => `${category}-default.${id}`;

let pool: Pool;
beforeAll(async () => {
  pool = openPool();
  await migrateReadModel(pool, []);
});
afterAll(() => pool.end());

/** Waits until the view has folded the entity up to this revision. */
async function shows(id: string, revision: number): Promise<void> {
  await pool.query(
    `INSERT INTO read_model.entities (view, stream, revision, base) VALUES ($1, $2, $3, '{}')
     ON CONFLICT (view, stream) DO UPDATE SET revision = excluded.revision`,
    [viewKey(view), stream(id), revision],
  );
}

async function parks(id: string, revision: number): Promise<void> {
  await pool.query(
    `INSERT INTO read_model.parked_entities (view, stream, revision, reason, parked_at) VALUES ($1, $2, $3, 'x', now())`,
    [viewKey(view), stream(id), revision],
  );
}

const read = (...tokens: readonly string[]) => awaitWritten(pool, [view], 'default', tokens.join(', '));

describe('a list that is sent the tokens of several writes', () => {
  it('answers once it shows all of them', async () => {
    await shows('a', 4);
    const readWhileItComes = async () => {
      await shows('b', 1);
      const reading = read(`${stream('a')}@4`, `${stream('b')}@2`);
      await pause(100);
      await shows('b', 3);
      return reading;
    };
    // A write that comes too late for a list's wait is waited for again.
    const headers = await eventually(readWhileItComes, (reply) => reply['stale-by'] === undefined, 20_000);
    expect(headers['consistency-token']?.split(', ').sort()).toEqual([
      `${stream('a')}@4`,
      `${stream('b')}@3`,
    ]);
  });

  it('reports how many revisions are missing when they do not arrive', async () => {
    await shows('c', 4);
    expect(await read(`${stream('c')}@6`, `${stream('new')}@0`)).toMatchObject({ 'stale-by': '3' });
  });

  it('does not wait for a parked entity, and reports that', async () => {
    await Promise.all([shows('d', 4), shows('f', 4)]);
    await parks('d', 5);
    const answered: string[] = [];
    const waiting = read(`${stream('f')}@7`).then(() => answered.push('the one that waits'));
    expect(await read(`${stream('d')}@7`)).toEqual({
      'consistency-token': `${stream('d')}@4`,
      'stale-by': '3',
      'stale-parked': `${stream('d')}@5`,
    });
    expect(answered).toEqual([]);
    await waiting;
  });

  it('does not mention a parked entity when the request is for an earlier revision', async () => {
    await shows('e', 4);
    await parks('e', 5);
    expect(await read(`${stream('e')}@4`)).toEqual({ 'consistency-token': `${stream('e')}@4` });
  });

  it('waits for the views of all categories that it shows', async () => {
    const other = { ...view, category: newCategory() };
    const stranger = `${other.category}-default.g`;
    await shows('g', 4);
    const token = `${stream('g')}@4, ${stranger}@1`;
    expect(await read(token)).toEqual({ 'consistency-token': `${stream('g')}@4` });
    expect(await awaitWritten(pool, [view, other], 'default', token)).toEqual({
      'consistency-token': `${stream('g')}@4, ${stranger}@-1`,
      'stale-by': '2',
    });
  });
});
