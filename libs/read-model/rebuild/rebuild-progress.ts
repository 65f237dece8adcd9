import type { Pool, PoolClient } from 'pg';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { copyOf } from './view-copy.js';

/** Compares the entities of a view that is being rebuilt with those of the serving view. */
export interface EntityComparison {
  /** Entities that lag behind the serving view. */
  readonly behind: number;
  /** Parked in the new view, but shown further by the serving one. */
  readonly parkedOnlyInNext: number;
}

/**
 * Compares them, entity by entity. Events that wait behind a parked one count as processed.
 * `behind` never increases while the serving view is paused.
 */
export async function compareEntities(client: Pool | PoolClient, view: AnyView): Promise<EntityComparison> {
  const { rows } = await client.query<{ behind: string; worse: string }>(
    `WITH taken AS (
       SELECT view, stream, max(revision) AS revision, max(shown) AS shown FROM (
         SELECT view, stream, revision, revision AS shown FROM read_model.entities WHERE view IN ($1, $2)
         UNION ALL
         SELECT view, stream, revision, -1 FROM read_model.parked_events WHERE view IN ($1, $2)) AS each
       GROUP BY view, stream)
     SELECT count(*) FILTER (WHERE coalesce(next.revision, -1) < live.revision) AS behind,
            count(*) FILTER (WHERE next.revision >= live.revision AND next.shown < live.shown) AS worse
     FROM taken live LEFT JOIN taken next ON next.view = $2 AND next.stream = live.stream
     WHERE live.view = $1`,
    [viewKey(view), viewKey(copyOf(view, 'next'))],
  );
  return { behind: Number(rows[0]?.behind ?? 0), parkedOnlyInNext: Number(rows[0]?.worse ?? 0) };
}
