import { describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { z } from 'zod';
import { entityId, tenant } from '#contracts/fields.js';
import { shown, viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';
import { defineList, type ReadRoute } from './read-route.js';

const dogs = viewTable('dogs_v1', {
  key: ['tenant', 'id'],
  owner: 'id',
  row: { tenant: shown('id', tenant), id: shown('id', entityId), masterId: shown('id?', entityId) },
});
const walks = viewTable('walks_v1', {
  key: ['tenant', 'dogId', 'revision'],
  owner: 'dogId',
  row: { tenant: 'id', dogId: 'id', revision: shown('bigint', z.int()) },
});
const keepers = viewTable('dog_keepers_v1', {
  key: ['tenant', 'dogId', 'keeper'],
  owner: 'dogId',
  row: { tenant: 'id', dogId: 'id', keeper: 'id' },
});
const view = defineView({
  name: 'dogs',
  version: 1,
  category: 'dog',
  tables: {},
  initialState: {},
  project: (state) => ({ state, rows: {} }),
});
const allow = ['owner', 'role:keeper'] as const;
const common = { operationId: 'list', summary: 'A list', allow, view };
const dogList = defineList({
  ...common,
  path: '/v1/dogs',
  table: dogs,
  ownedBy: 'masterId',
  filterBy: ['masterId'],
  orderBy: ['id'],
});
const walkList = defineList({
  ...common,
  path: '/v1/dogs/{id}/walks',
  table: walks,
  ownedBy: { table: dogs, field: 'masterId' },
  where: (_, id) => [['dog_id = ?', id]],
  orderBy: ['revision'],
});

const keptList = defineList({
  ...common,
  path: '/v1/kept-dogs',
  table: dogs,
  ownedBy: { table: keepers, field: 'keeper', names: 'parties' },
  orderBy: ['id'],
});

/** The condition and the values that PostgreSQL is asked with. */
async function asked(
  { find }: Pick<ReadRoute, 'find'>,
  onlyFor?: string,
  query = {},
  isOfAllTenants = false,
  roles: readonly string[] = [],
) {
  let told: { where: string | undefined; values: readonly unknown[] } | undefined;
  const pool = {
    query: async (text: string, values: readonly unknown[]) => {
      told = { where: /WHERE (.*) ORDER/.exec(text.replaceAll(/\s+/g, ' '))?.[1], values };
      return { rows: [] };
    },
  } as unknown as Pool;
  const request = { id: 'rex', query, tenant: 'acme', isOfAllTenants, limit: 5 };
  await find(pool, { ...request, ...(onlyFor !== undefined && { onlyFor: { id: onlyFor, roles } }) });
  return told;
}

describe('a list', () => {
  it('shows a caller that may see only its own rows no others, whatever it asks for', async () => {
    expect(await asked(dogList, 'ann')).toEqual({
      where: 'found.tenant = $1 AND found.master_id = $2',
      values: ['acme', 'ann', 6],
    });
    expect(await asked(dogList, 'ann', { masterId: 'bob' })).toEqual({
      where: 'found.tenant = $1 AND found.master_id = $2 AND found.master_id = $3',
      values: ['acme', 'ann', 'bob', 6],
    });
  });

  it('of one entity shows nothing to others than its owner, in its own tenant', async () => {
    expect(await asked(walkList, 'ann')).toEqual({
      where:
        'found.tenant = $1 AND (SELECT master_id FROM read_model.dogs_v1 WHERE tenant = $2 AND id = $3) = $4 AND dog_id = $5',
      values: ['acme', 'acme', 'rex', 'ann', 'rex', 6],
    });
  });

  it('for operators shows the rows of all tenants, or of one', async () => {
    const list = defineList({
      ...common,
      path: '/v1/dogs',
      allow: ['role:operator', 'role:vet'],
      allTenants: true,
      table: dogs,
      filterBy: ['tenant'],
      orderBy: ['tenant', 'id'],
    });
    expect(await asked(list, undefined, {}, true)).toEqual({ where: 'true', values: [6] });
    const ofBolt = { where: 'true AND found.tenant = $1', values: ['bolt', 6] };
    expect(await asked(list, undefined, { tenant: 'bolt' }, true)).toEqual(ofBolt);
    const ofNobody = { where: 'found.tenant = $1 AND found.tenant = $2', values: ['acme', 'bolt', 6] };
    expect(await asked(list, undefined, { tenant: 'bolt' })).toEqual(ofNobody);
  });

  it('of what belongs to several shows a caller what belongs to its name or to one of its roles', async () => {
    expect(await asked(keptList, 'ann', {}, false, ['vet', 'groom'])).toEqual({
      where:
        'found.tenant = $1 AND EXISTS (SELECT FROM read_model.dog_keepers_v1 own' +
        ' WHERE own.tenant = found.tenant AND own.dog_id = found.id AND own.keeper = ANY ($2))',
      values: ['acme', ['user:ann', 'role:vet', 'role:groom'], 6],
    });
    expect((await asked(keptList))?.where).toBe('found.tenant = $1');
  });

  it('shows all rows of the tenant to a caller that may see them', async () => {
    expect((await asked(dogList))?.where).toBe('found.tenant = $1');
    expect((await asked(walkList))?.where).toBe('found.tenant = $1 AND dog_id = $2');
  });
});

describe('a list that owners may read', () => {
  it('has to say whose its rows are', () => {
    // @ts-expect-error -- `ownedBy` is missing
    defineList({ ...common, path: '/v1/dogs', table: dogs, orderBy: ['id'], allow: ['owner', 'role:vet'] });
    defineList({ ...common, path: '/v1/dogs', table: dogs, orderBy: ['id'], allow: ['role:vet'] });
  });
});
