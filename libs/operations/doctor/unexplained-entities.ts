import type { Pool } from 'pg';
import type { EventStore } from '#libs/event-store/event-store.js';
import { type AnyView, viewKey, type ViewTable } from '#libs/core/view-definition.js';
import { allEntities } from '#libs/read-model/listed-entities.js';
import { tablesOf } from '../proof/tables-of.js';

/** The most rows of a table that are reported at once. Healing makes room for the next. */
const LIMIT = 1_000;

/** Streams that a view shows but the store does not have. */
export async function unexplainedStreams(
  { pool, store }: { readonly pool: Pool; readonly store: EventStore },
  view: AnyView,
  isKnown: (stream: string) => boolean,
): Promise<readonly string[]> {
  const shown = new Set<string>();
  const tables = tablesOf(view).filter(({ owner }) => owner !== undefined);
  for (const table of tables) {
    const { rows } = await pool.query<{ stream: string }>(ownersWithoutEntity(table), [
      viewKey(view),
      view.category,
      LIMIT,
    ]);
    for (const { stream } of rows) shown.add(stream);
  }
  for await (const stream of allEntities(pool, viewKey(view))) if (!isKnown(stream)) shown.add(stream);
  const unexplained: string[] = [];
  for (const stream of shown)
    if (!isKnown(stream) && (await isEmpty(store, stream))) unexplained.push(stream);
  return unexplained;
}

/** The owners of rows for which the view has no entity. */
function ownersWithoutEntity({ name, owner = '', category, columns }: ViewTable): string {
  const tenant = 'tenant' in columns ? 'shown.tenant' : "'default'";
  const stream = owner === 'stream' ? 'shown.stream' : `$2 || '-' || ${tenant} || '.' || shown.${owner}`;
  const others = category === undefined ? '' : `AND shown.${category} = $2`;
  return `SELECT DISTINCT ${stream} AS stream FROM read_model.${name} shown
          WHERE ${stream} LIKE $2 || '-%' ${others} AND NOT EXISTS (
            SELECT 1 FROM read_model.entities entity WHERE entity.view = $1 AND entity.stream = ${stream}
          ) LIMIT $3`;
}

async function isEmpty(store: EventStore, stream: string): Promise<boolean> {
  for await (const _ of store.read(stream, { limit: 1 })) return false;
  return true;
}
