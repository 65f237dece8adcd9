import type { PoolClient } from 'pg';
import type { Json } from '#libs/core/json.js';
import type { EntityFold } from './batch-fold.js';
import { readState, STATE_COLUMNS, STATE_JOIN, type StateColumns } from './stored-state.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';

type Found = {
  readonly stream: string;
  readonly hash: string | null;
  readonly parked: boolean;
} & (StateColumns | { readonly revision: null });

/**
 * How far a view is with each of these streams. A new stream starts from the beginning. Locks
 * parked entities: a retry of one waits until this transaction ends, and the other way round.
 */
export async function loadEntityFolds(
  client: PoolClient,
  view: AnyView,
  streams: readonly string[],
): Promise<Map<string, EntityFold>> {
  const values = [viewKey(view), streams];
  // A separate statement, so that the next one sees the results of the transactions that it waited
  // for.
  await client.query({
    name: 'hold parked',
    text: 'SELECT 1 FROM read_model.parked_entities WHERE view = $1 AND stream = ANY ($2) FOR SHARE',
    values,
  });
  const { rows } = await client.query<Found>({
    name: 'load entities',
    text: `SELECT wanted.stream, entity.hash, parked.stream IS NOT NULL AS parked, ${STATE_COLUMNS}
           FROM unnest($2::text[]) AS wanted (stream)
           LEFT JOIN read_model.entities entity ON entity.view = $1 AND entity.stream = wanted.stream
           ${STATE_JOIN}
           LEFT JOIN read_model.parked_entities parked
             ON parked.view = $1 AND parked.stream = wanted.stream AND NOT parked.taken_up`,
    values,
  });
  return new Map(rows.map((row) => [row.stream, toFold(view, row)]));
}

function toFold(view: AnyView, found: Found): EntityFold {
  const { stream, hash, parked: isParked } = found;
  if (found.revision === null) {
    return { stream, revision: -1, state: view.initialState as Json, isParked, isChanged: false };
  }
  const stored = readState(found);
  const { revision, state } = stored;
  return { stream, revision, hash: hash ?? undefined, state, isParked, isChanged: false, stored };
}
