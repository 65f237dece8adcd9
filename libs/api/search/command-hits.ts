import type { Pool } from 'pg';
import type { SearchHit } from '#contracts/search.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { COMMANDS_TABLE } from '#libs/entity/memory/entity-index.projection.js';
import { readableBy, type Searchable } from './entity-hits.js';
import { entityLink, entityTitle, type Searching } from './search-source.js';

interface Found {
  readonly stream: string;
  readonly events: string;
  readonly at: Date;
}

/** Accepted commands of this id. One id may be that of commands to several entities. */
export async function commandHits(
  pool: Pool,
  gateway: Pick<EntityGateway, 'receipt'>,
  entities: readonly Searchable[],
  { q, caller }: Searching,
): Promise<readonly SearchHit[]> {
  const { rows } = await pool.query<Found>({
    name: 'search commands',
    text: `SELECT stream, events, at FROM ${COMMANDS_TABLE} WHERE command_id = $1 LIMIT 100`,
    values: [q],
  });
  const hits = rows.map(async ({ stream, events, at }): Promise<readonly SearchHit[]> => {
    if (!(await mayRead(gateway, entities, caller, { stream, commandId: q }))) return [];
    const { category = '', id = '' } = parseStreamName(stream) ?? {};
    return [
      {
        kind: 'command',
        id,
        title: `command to ${entityTitle(category, id)}`,
        detail: events.replaceAll(' ', ', '),
        at: at.toISOString(),
        commandId: q,
        link: `${entityLink(category, id)}?command=${encodeURIComponent(q)}`,
      },
    ];
  });
  return (await Promise.all(hits)).flat();
}

/** Whether a caller may read the receipt of a command. */
export async function mayRead(
  gateway: Pick<EntityGateway, 'receipt'>,
  entities: readonly Searchable[],
  caller: Searching['caller'],
  { stream, commandId }: { readonly stream: string; readonly commandId: string },
): Promise<boolean> {
  const { category, tenant } = parseStreamName(stream) ?? {};
  const entity = entities.find(({ contract }) => contract.name === category);
  const extent = entity && tenant === caller.tenant ? readableBy(entity, caller) : undefined;
  if (extent === 'owner') return (await gateway.receipt(stream, commandId, caller)) !== undefined;
  return extent === 'full';
}
