import type { Pool } from 'pg';
import type { SearchHit } from '#contracts/search.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { ORIGINS_TABLE } from '#libs/entity/memory/entity-index.projection.js';
import { mayRead } from './command-hits.js';
import type { Searchable } from './entity-hits.js';
import { entityLink, entityTitle, type Searching } from './search-source.js';

interface Found {
  readonly stream: string;
  readonly command_id: string;
  readonly at: Date;
  readonly is_trace: boolean;
}

/** What was done under a correlation id or in a trace: each entity once, with its last command. */
export async function chainHits(
  pool: Pool,
  gateway: Pick<EntityGateway, 'receipt'>,
  entities: readonly Searchable[],
  { q, caller }: Searching,
): Promise<readonly SearchHit[]> {
  const { rows } = await pool.query<Found>({
    name: 'search chains',
    text: `SELECT stream, command_id, at, correlation_id <> $1 AS is_trace FROM ${ORIGINS_TABLE}
           WHERE correlation_id = $1 OR trace_id = $1 ORDER BY at DESC LIMIT 100`,
    values: [q],
  });
  const last = [...new Map(rows.toReversed().map((row) => [row.stream, row])).values()];
  const hits = last.map(async (row): Promise<readonly SearchHit[]> => {
    const { stream, command_id: commandId, at, is_trace: isTrace } = row;
    if (!(await mayRead(gateway, entities, caller, { stream, commandId }))) return [];
    const { category = '', id = '' } = parseStreamName(stream) ?? {};
    const kind = isTrace ? 'trace' : 'correlation';
    return [
      {
        kind,
        id,
        title: `${entityTitle(category, id)}, by its ${kind}`,
        at: at.toISOString(),
        commandId,
        link: `${entityLink(category, id)}?command=${encodeURIComponent(commandId)}`,
      },
    ];
  });
  return (await Promise.all(hits)).flat();
}
