import type { ClientBase, Pool, PoolClient } from 'pg';
import type { Json } from '#libs/core/json.js';
import { type Amendments, loadAmendments } from '#libs/read-model/parking/amendments.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { readState, STATE_COLUMNS, STATE_JOIN, type StateColumns } from '#libs/read-model/stored-state.js';
import { type AnyView, viewKey, type ViewTable, type StoredRow } from '#libs/core/view-definition.js';
import { readRows } from './entity-rows.js';
import { LONG_TRANSACTION } from './long-transaction.js';
import type { Pace } from './pace.js';
import { tablesOf } from './tables-of.js';

/** What a view shows of an entity at one moment. */
export interface ShownEntity {
  readonly view: AnyView;
  /** -1 for nothing yet. */
  readonly revision: number;
  readonly hash: string | undefined;
  readonly state: Json | undefined;
  /** The view could not fold further, and waits for an operator. */
  readonly isParked: boolean;
  /** What operators decided about single events of the entity. */
  readonly amendments: Amendments;
  readonly rows: ReadonlyMap<ViewTable, readonly StoredRow[]>;
}

interface Found extends StateColumns {
  readonly view: string;
  readonly hash: string | null;
}

/**
 * What all these views show of an entity, read in one snapshot, so that rows, revision, hash and
 * state match.
 */
export function readShown(
  pool: Pool,
  views: readonly AnyView[],
  stream: string,
  pace: Pace,
): Promise<readonly ShownEntity[]> {
  const read = async (client: PoolClient): Promise<readonly ShownEntity[]> => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const keys = views.map(viewKey);
    const { rows: found } = await client.query<Found>(
      `SELECT entity.view, entity.hash, ${STATE_COLUMNS} FROM read_model.entities entity ${STATE_JOIN}
       WHERE entity.stream = $1 AND entity.view = ANY ($2)`,
      [stream, keys],
    );
    const { rows: parked } = await client.query<{ view: string }>(
      'SELECT view FROM read_model.parked_entities WHERE stream = $1 AND view = ANY ($2)',
      [stream, keys],
    );
    const shown: ShownEntity[] = [];
    for (const view of views) {
      const entity = found.find((one) => one.view === viewKey(view));
      shown.push({
        view,
        revision: Number(entity?.revision ?? -1),
        hash: entity?.hash ?? undefined,
        state: entity && readState(entity).state,
        isParked: parked.some((one) => one.view === viewKey(view)),
        amendments: await loadAmendments(client, viewKey(view), [stream]),
        rows: await rowsOf(client, view, stream, pace),
      });
    }
    return shown;
  };
  return inTransaction(pool, read, LONG_TRANSACTION);
}

async function rowsOf(client: ClientBase, view: AnyView, stream: string, pace: Pace) {
  const rows = new Map<ViewTable, readonly StoredRow[]>();
  for (const table of tablesOf(view)) rows.set(table, await readRows(client, table, stream, pace));
  return rows;
}
