import type { PoolClient } from 'pg';
import type { EntityFold } from './batch-fold.js';
import { ConcurrentProjectionError } from './read-model.errors.js';
import { storableJson } from './storable.js';
import { changeOf, type StateChange } from './stored-state.js';

interface ChangedFold extends StateChange {
  readonly entity: EntityFold;
}

/**
 * Writes how far a view is with these entities, and of a large state only what changed. Throws
 * {@link ConcurrentProjectionError} if one of them was changed since it was read.
 */
export async function writeEntities(
  client: PoolClient,
  view: string,
  entities: readonly EntityFold[],
): Promise<void> {
  const whole: EntityFold[] = [];
  const changed: ChangedFold[] = [];
  for (const entity of entities) {
    if (!entity.isChanged) continue;
    const change = changeOf(entity);
    if (change) changed.push({ entity, ...change });
    else whole.push(entity);
  }
  const written = (await writeWhole(client, view, whole)) + (await writeChanges(client, view, changed));
  // The lock on the partition's offset keeps others out; this verifies it.
  if (written !== whole.length + changed.length)
    throw new ConcurrentProjectionError(`another process wrote to ${view}`);
}

async function writeWhole(
  client: PoolClient,
  view: string,
  entities: readonly EntityFold[],
): Promise<number> {
  if (entities.length === 0) return 0;
  // If somebody removed an entity's row by hand, changes may be left.
  const replaced = entities.filter(({ stored }) => stored?.changes !== 0);
  if (replaced.length > 0) {
    await client.query({
      name: 'remove changes',
      text: 'DELETE FROM read_model.entity_changes WHERE view = $1 AND stream = ANY ($2)',
      values: [view, replaced.map(({ stream }) => stream)],
    });
  }
  const { rowCount } = await client.query({
    name: 'write entities',
    text: `INSERT INTO read_model.entities AS entity (view, stream, revision, hash, base)
           SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::jsonb[])
           ON CONFLICT (view, stream)
             DO UPDATE SET revision = excluded.revision, hash = excluded.hash, base = excluded.base
           WHERE entity.revision < excluded.revision`,
    values: [view, ...columnsOf(entities), entities.map(({ state }) => storableJson(state))],
  });
  return rowCount ?? 0;
}

/**
 * A change belongs to the state from which it was computed: the entity must be at that revision.
 */
async function writeChanges(
  client: PoolClient,
  view: string,
  changed: readonly ChangedFold[],
): Promise<number> {
  if (changed.length === 0) return 0;
  const { rows } = await client.query<{ moved: number }>({
    name: 'write changes',
    text: `WITH changed AS (
             SELECT * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::json[])
               AS each (stream, revision, hash, read_at, change)
           ), moved AS (
             UPDATE read_model.entities entity SET revision = changed.revision, hash = changed.hash FROM changed
             WHERE entity.view = $1 AND entity.stream = changed.stream AND entity.revision = changed.read_at
             RETURNING entity.stream, changed.revision, changed.change
           ), noted AS (
             INSERT INTO read_model.entity_changes (view, stream, revision, change)
             SELECT $1, stream, revision, change FROM moved WHERE change IS NOT NULL
           )
           SELECT count(*)::integer AS moved FROM moved`,
    values: [
      view,
      ...columnsOf(changed.map(({ entity }) => entity)),
      changed.map(({ from }) => from),
      changed.map(({ json }) => json),
    ],
  });
  return rows[0]?.moved ?? 0;
}

/** Stream, revision and hash. */
function columnsOf(entities: readonly EntityFold[]) {
  return [
    entities.map(({ stream }) => stream),
    entities.map(({ revision }) => revision),
    entities.map(({ hash }) => hash ?? null),
  ];
}
