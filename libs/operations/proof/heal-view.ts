import type { Pool, PoolClient } from 'pg';
import type { EventStore } from '#libs/event-store/event-store.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import type { BatchFold } from '#libs/read-model/batch-fold.js';
import { upsertRows } from '#libs/read-model/batch-writer.js';
import { loadAmendments } from '#libs/read-model/parking/amendments.js';
import { storableJson } from '#libs/read-model/storable.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { type AnyView, viewKey, type ViewTable } from '#libs/core/view-definition.js';
import { compareRows } from './compare-rows.js';
import { deleteRows, readRows } from './entity-rows.js';
import { LONG_TRANSACTION } from './long-transaction.js';
import { Pace, TAKING_TURNS } from './pace.js';
import { startFold } from './retold-stream.js';
import { tablesOf } from './tables-of.js';

/**
 * Rebuilds what a view shows of an entity from its stream: rows, revision, hash and state. The
 * projector waits, so none of its writes is undone. Returns false if the entity is parked in this
 * view, or its stream cannot be folded.
 */
export async function healView(
  { pool, store }: { readonly pool: Pool; readonly store: EventStore },
  view: AnyView,
  stream: string,
): Promise<boolean> {
  const heal = async (client: PoolClient): Promise<boolean> => {
    await client.query(
      'SELECT 1 FROM read_model.offsets WHERE view = $1 ORDER BY topic, partition FOR UPDATE',
      [viewKey(view)],
    );
    const fold = startFold(view, stream, await loadAmendments(client, viewKey(view), [stream]));
    // The projector is waiting, so do not pause.
    const pace = new Pace(TAKING_TURNS);
    await foldOn(store, fold, stream, pace);
    if (fold.parked.length > 0 || (await isParked(client, view, stream))) return false;
    for (const table of tablesOf(view)) await healRows(client, table, stream, { fold, pace });
    await writeEntity(client, view, stream, fold);
    return true;
  };
  return inTransaction(pool, heal, LONG_TRANSACTION);
}

async function foldOn(store: EventStore, fold: BatchFold, stream: string, pace: Pace): Promise<void> {
  const from = (fold.entities.get(stream)?.revision ?? -1) + 1;
  for await (const event of store.read(stream, { from })) {
    await fold.add(toPublishedEvent(event));
    await pace.breathe();
  }
}

async function isParked(client: PoolClient, view: AnyView, stream: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM read_model.parked_entities WHERE view = $1 AND stream = $2',
    [viewKey(view), stream],
  );
  return rowCount !== 0;
}

async function healRows(
  client: PoolClient,
  table: ViewTable,
  stream: string,
  { fold, pace }: { readonly fold: BatchFold; readonly pace: Pace },
): Promise<void> {
  const expected = fold.rows.get(table)?.values() ?? [];
  const actual = await readRows(client, table, stream, pace);
  const { wrong, extra } = await compareRows(table, expected, actual, pace);
  await deleteRows(client, table, extra);
  if (wrong.length > 0) await upsertRows(client, table, wrong);
}

async function writeEntity(
  client: PoolClient,
  view: AnyView,
  stream: string,
  fold: BatchFold,
): Promise<void> {
  const { revision = -1, hash = null, state = null } = fold.entities.get(stream) ?? {};
  const named = [viewKey(view), stream];
  await client.query('DELETE FROM read_model.entity_changes WHERE view = $1 AND stream = $2', named);
  if (revision < 0) {
    await client.query('DELETE FROM read_model.entities WHERE view = $1 AND stream = $2', named);
    return;
  }
  await client.query(
    `INSERT INTO read_model.entities (view, stream, revision, hash, base) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (view, stream)
       DO UPDATE SET revision = excluded.revision, hash = excluded.hash, base = excluded.base`,
    [...named, revision, hash, storableJson(state)],
  );
}
