import type { Pool } from 'pg';
import type { EntityContract } from '#contracts/entity-contract.js';
import { MOST_HITS, type SearchHit } from '#contracts/search.js';
import { isEntityId, parseStreamName, streamName } from '#libs/core/entity-id.js';
import type { ViewTable, ViewTables } from '#libs/core/view-definition.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { type Extent, extentOf } from '#libs/identity/policy.js';
import type { ReadRoute } from '../entities/read-route.js';
import { entityLink, entityTitle, type Searching } from './search-source.js';

/** An entity, saga or flow, as far as it is searched. */
export interface Searchable {
  readonly contract: EntityContract;
  readonly reads: readonly ReadRoute[];
  /** The key of the view that has a row for each entity. */
  readonly indexKey: string;
}

interface Range {
  readonly category: string;
  readonly indexKey: string;
  readonly first: string;
  readonly last: string;
}

/** After every character of an id. */
const LAST = '\u007f';
/** Before every character of an id. */
const NEXT = '\u0001';

/**
 * Entities whose ids begin with a text. A caller that may read only what it owns finds those of
 * exactly this id.
 */
export async function entityHits(
  pool: Pool,
  gateway: Pick<EntityGateway, 'state'>,
  entities: readonly Searchable[],
  { q, caller }: Searching,
): Promise<readonly SearchHit[]> {
  if (!isEntityId(q)) return [];
  const searched = entities.flatMap(({ contract, reads, indexKey }) => {
    const extent = readableBy({ contract, reads }, caller);
    return extent === undefined ? [] : [{ contract, reads, indexKey, extent }];
  });
  const ranges = searched.map(({ contract: { name: category }, indexKey, extent }): Range => {
    const first = streamName(category, q, caller.tenant);
    return { category, indexKey, first, last: first + (extent === 'full' ? LAST : NEXT) };
  });
  const found = await streamsIn(pool, ranges);
  const hits = searched.map(async ({ contract: { name }, reads, extent }) => {
    const ids = found.filter(({ category }) => category === name).map(({ id }) => id);
    const isOwn = async (id: string) =>
      (await gateway.state(streamName(name, id, caller.tenant), caller)) !== undefined;
    const shown = extent === 'full' || (ids.length > 0 && (await isOwn(q))) ? ids : [];
    const standing = await standingOf(pool, reads, name, caller.tenant, shown);
    return shown.map((id): SearchHit => {
      const { status, updated_at: at } = standing.get(id) ?? {};
      return {
        kind: name,
        id,
        title: entityTitle(name, id),
        ...(status !== undefined && { detail: status }),
        ...(at && { at: at.toISOString() }),
        link: entityLink(name, id),
      };
    });
  });
  return (await Promise.all(hits)).flat();
}

/** What a caller may read of a category: by its own route, or in its list. */
export function readableBy(
  { contract: { access, plural }, reads }: Pick<Searchable, 'contract' | 'reads'>,
  caller: Searching['caller'],
): Extent | undefined {
  const list = reads.find(({ path }) => path === `/v1/${plural}`);
  const extents = [access.read, ...(list ? [list.allow] : [])].map((policy) => extentOf(policy, caller));
  return extents.find((extent) => extent === 'full') ?? extents[0];
}

async function streamsIn(pool: Pool, ranges: readonly Range[]) {
  if (ranges.length === 0) return [];
  const { rows } = await pool.query<{ category: string; stream: string }>({
    name: 'search entities',
    text: `SELECT wanted.category, found.stream
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS wanted (category, view, first, last)
           CROSS JOIN LATERAL (
             SELECT stream FROM read_model.entities entity
             WHERE entity.view = wanted.view AND entity.stream >= wanted.first AND entity.stream < wanted.last
             ORDER BY stream LIMIT $5
           ) found`,
    values: [
      ranges.map(({ category }) => category),
      ranges.map(({ indexKey }) => indexKey),
      ranges.map(({ first }) => first),
      ranges.map(({ last }) => last),
      MOST_HITS,
    ],
  });
  return rows.flatMap(({ category, stream }) => {
    const id = parseStreamName(stream)?.id;
    return id === undefined ? [] : [{ category, id }];
  });
}

interface Standing {
  readonly id: string;
  readonly status: string;
  readonly updated_at: Date;
}

/** How entities stand, from a table of their views that says so; empty if none does. */
async function standingOf(
  pool: Pool,
  reads: readonly ReadRoute[],
  category: string,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const tables = reads.flatMap(({ view }) => Object.values(view.tables as ViewTables));
  const table = tables.find(saysHowItStands);
  if (!table || ids.length === 0) return new Map();
  const ofCategory = table.category === undefined ? '' : ` AND ${table.category} = $3`;
  const { rows } = await pool.query<Standing>(
    `SELECT id, status, updated_at FROM read_model.${table.name} WHERE tenant = $1 AND id = ANY ($2)${ofCategory}`,
    [tenant, ids, ...(ofCategory === '' ? [] : [category])],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function saysHowItStands({ columns, owner }: ViewTable): boolean {
  return owner === 'id' && 'tenant' in columns && 'status' in columns && 'updated_at' in columns;
}
