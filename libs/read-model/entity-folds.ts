import type { PoolClient } from 'pg';
import type { Json } from '#libs/decider/json.js';
import type { EntityFold } from './batch-fold.js';
import { type AnyView, viewKey } from './view-definition.js';

interface Found {
  readonly stream: string;
  readonly revision: string | null;
  readonly hash: string | null;
  readonly state: Json;
  readonly parked: boolean;
}

/**
 * How far a view is with each of these streams; a stream it has not seen starts from the beginning. What is parked is held:
 * whoever takes it up waits until this transaction ends, and the other way round.
 */
export async function loadEntityFolds(
  client: PoolClient,
  view: AnyView,
  streams: readonly string[],
): Promise<Map<string, EntityFold>> {
  const values = [viewKey(view), streams];
  // A statement of its own: the next one then sees what those have done that it waited for.
  await client.query({
    name: 'hold parked',
    text: 'SELECT 1 FROM read_model.parked_entities WHERE view = $1 AND stream = ANY ($2) FOR SHARE',
    values,
  });
  const { rows } = await client.query<Found>({
    name: 'load entities',
    text: `SELECT wanted.stream, entity.revision, entity.hash, entity.state, parked.stream IS NOT NULL AS parked
           FROM unnest($2::text[]) AS wanted (stream)
           LEFT JOIN read_model.entities entity ON entity.view = $1 AND entity.stream = wanted.stream
           LEFT JOIN read_model.parked_entities parked
             ON parked.view = $1 AND parked.stream = wanted.stream AND NOT parked.taken_up`,
    values,
  });
  return new Map(
    rows.map(({ stream, revision, hash, state, parked }) => [
      stream,
      {
        stream,
        revision: revision === null ? -1 : Number(revision),
        hash: hash ?? undefined,
        state: revision === null ? (view.initialState as Json) : state,
        isParked: parked,
        isChanged: false,
      },
    ]),
  );
}
