import type { Pool } from 'pg';
import { MOST_HITS, type SearchHit } from '#contracts/search.js';
import { extentOf } from '#libs/identity/policy.js';
import type { ReadRoute } from '../entities/read-route.js';
import type { Searchable } from './entity-hits.js';
import { entityLink, entityTitle, type Searching } from './search-source.js';

/** As lists show it. */
interface Item {
  readonly id?: string;
  readonly status?: string;
  readonly updatedAt?: string;
}

/** What belongs to a customer of this id, from the lists that know owners. */
export async function customerHits(
  pool: Pool,
  entities: readonly Searchable[],
  { q, caller }: Searching,
): Promise<readonly SearchHit[]> {
  const hits = entities.map(async ({ contract: { name, plural }, reads }): Promise<readonly SearchHit[]> => {
    const list = reads.find(({ path, ownedBy }) => path === `/v1/${plural}` && ownedBy !== undefined);
    if (!list || !mayAsk(list, q, caller)) return [];
    const onlyFor = { id: q, roles: q === caller.id ? caller.roles : [] };
    const { tenant } = caller;
    const { data } = await list.find(pool, { id: '', query: {}, limit: MOST_HITS, tenant, onlyFor });
    return (data as readonly Item[]).flatMap(({ id, status, updatedAt: at }) =>
      id === undefined
        ? []
        : [
            {
              kind: 'customer',
              id,
              title: `${entityTitle(name, id)} of ${q}`,
              ...(status !== undefined && { detail: status }),
              ...(at !== undefined && { at }),
              link: entityLink(name, id),
            },
          ],
    );
  });
  return (await Promise.all(hits)).flat();
}

function mayAsk({ allow }: ReadRoute, q: string, caller: Searching['caller']): boolean {
  const extent = extentOf(allow, caller);
  return extent === 'full' || (extent === 'owner' && caller.id === q);
}
