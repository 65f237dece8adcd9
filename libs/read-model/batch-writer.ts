import type { PoolClient } from 'pg';
import type { BatchFold } from './batch-fold.js';
import { writeEntities } from './entity-writer.js';
import { storableText } from './storable.js';
import { sqlTypeOf } from './view-tables.js';
import type { StoredRow, ViewTable } from '#libs/core/view-definition.js';

const statements = new Map<ViewTable, string>();

/** Writes everything that a fold changed, with one statement per table. */
export async function writeFold(client: PoolClient, view: string, fold: BatchFold): Promise<void> {
  for (const [table, rows] of fold.rows) await upsertRows(client, table, [...rows.values()]);
  await writeEntities(client, view, [...fold.entities.values()]);
  if (fold.parked.length > 0) await parkEntities(client, view, fold);
  if (fold.queued.length > 0) await queueEvents(client, view, fold);
}

/** Inserts rows, or replaces those with the same key. */
export async function upsertRows(
  client: PoolClient,
  table: ViewTable,
  rows: readonly StoredRow[],
): Promise<void> {
  const columns = Object.keys(table.columns);
  await client.query({
    name: `upsert ${table.name}`,
    text: upsertStatement(table),
    values: columns.map((column) => rows.map((row) => row[column])),
  });
}

function upsertStatement(table: ViewTable): string {
  const known = statements.get(table);
  if (known !== undefined) return known;
  const columns = Object.entries(table.columns);
  const names = columns.map(([name]) => name);
  const arrays = columns.map(([, type], index) => `$${index + 1}::${sqlTypeOf(type)}[]`);
  const updates = names
    .filter((name) => !table.key.includes(name))
    .map((name) => `${name} = excluded.${name}`);
  const statement =
    `INSERT INTO read_model.${table.name} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')}) ` +
    `ON CONFLICT (${table.key.join(', ')}) ` +
    (updates.length > 0 ? `DO UPDATE SET ${updates.join(', ')}` : 'DO NOTHING');
  statements.set(table, statement);
  return statement;
}

async function parkEntities(client: PoolClient, view: string, { parked }: BatchFold): Promise<void> {
  await client.query(
    `INSERT INTO read_model.parked_entities AS parked
       (view, stream, revision, reason, attempts, parked_at)
     SELECT $1, *, now() FROM unnest($2::text[], $3::bigint[], $4::text[], $5::integer[])
     ON CONFLICT (view, stream) DO UPDATE SET revision = excluded.revision, reason = excluded.reason,
       attempts = CASE excluded.attempts WHEN 0 THEN 0 ELSE parked.attempts + 1 END, tried_at = now(), taken_up = false
     WHERE parked.taken_up`,
    [
      view,
      parked.map(({ stream }) => stream),
      parked.map(({ revision }) => revision),
      parked.map(({ reason }) => storableText(reason.slice(0, 2_000))),
      // No attempt failed: it is catching up.
      parked.map(({ isCatchingUp }) => (isCatchingUp ? 0 : 1)),
    ],
  );
}

async function queueEvents(client: PoolClient, view: string, { queued }: BatchFold): Promise<void> {
  await client.query(
    `INSERT INTO read_model.parked_events (view, stream, revision, event, parked_at)
     SELECT $1, *, now() FROM unnest($2::text[], $3::bigint[], $4::json[])
     ON CONFLICT (view, stream, revision) DO NOTHING`,
    [
      view,
      queued.map(({ stream }) => stream),
      queued.map(({ revision }) => revision),
      queued.map((event) => JSON.stringify(event)),
    ],
  );
}
