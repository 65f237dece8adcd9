import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { awaitWritten } from '#libs/api/entities/read-your-writes.js';
import { migrateReadModel } from '#libs/read-model/migrate.js';
import { viewTable } from '#contracts/view-table.js';
import { type AnyView, defineView, viewKey } from '#libs/core/view-definition.js';
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

const owners = viewTable(`owners_${category}`, {
  key: ['tenant', 'id'],
  owner: 'id',
  row: { tenant: 'id', id: 'id', owner: 'text' },
});

let pool: Pool;
beforeAll(async () => {
  pool = openPool();
  await migrateReadModel(pool, [{ ...view, name: 'owners', tables: { owners } }]);
});
afterAll(async () => {
  await pool.query(`DROP TABLE read_model.${owners.name}`);
  await pool.end();
});

/** Waits until the view has folded the entity up to this revision. */
async function shows(id: string, revision: number, by: AnyView = view): Promise<void> {
  await pool.query(
    `INSERT INTO read_model.entities (view, stream, revision, base) VALUES ($1, $2, $3, '{}')
     ON CONFLICT (view, stream) DO UPDATE SET revision = excluded.revision`,
    [viewKey(by), stream(id), revision],
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

describe('a caller that may see only what it owns', () => {
  const readAs = (caller: string, token: string) => {
    return awaitWritten(pool, [view], 'default', token, {
      table: owners,
      field: 'owner',
      caller: { id: caller, roles: [] },
    });
  };

  beforeAll(async () => {
    await Promise.all([shows('alices', 4), shows('unowned', 4), parks('alices', 6)]);
    await pool.query(`INSERT INTO read_model.${owners.name} VALUES ('default', 'alices', 'alice')`);
  });

  it('reads its own writes', async () => {
    const token = `${stream('alices')}@4`;
    expect(await readAs('alice', token)).toEqual({ 'consistency-token': token });
  });

  it.each(['alices', 'unowned', 'absent'])(
    'gets the same answer for an entity it does not own (%s) as for one that does not exist',
    async (id) => {
      const token = `${stream(id)}@7`;
      expect(await readAs('bob', token)).toEqual({
        'consistency-token': `${stream(id)}@-1`,
        'stale-by': '8',
      });
    },
  );

  it('is not told that the entity of another is parked', async () => {
    expect(await readAs('alice', `${stream('alices')}@7`)).toHaveProperty('stale-parked');
    expect(await readAs('bob', `${stream('alices')}@7`)).not.toHaveProperty('stale-parked');
  });
});

it('a list that needs two views of a category waits for the slower one', async () => {
  const slower = { ...view, name: 'slower' };
  await Promise.all([shows('h', 4), shows('h', 2, slower)]);
  for (const views of [
    [view, slower],
    [slower, view],
  ]) {
    expect(await awaitWritten(pool, views, 'default', `${stream('h')}@4`)).toEqual({
      'consistency-token': `${stream('h')}@2`,
      'stale-by': '2',
    });
  }
});
