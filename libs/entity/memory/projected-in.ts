import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { IndexedCommand } from '#libs/entity/activities/command-index.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import type { CommandStages } from './command-stages.js';

/** The state of a command in a view. */
export type Projected = CommandStages['projected'][number];

interface Found {
  readonly view: string;
  readonly revision: string | null;
  readonly parked: string | null;
  readonly applied_at: Date | null;
}

/**
 * Which of these views of one category show a stream up to a revision, and since when: the time of
 * the batch that passed the command's position on the topic, as long as it is kept. Throws if
 * PostgreSQL does not answer.
 */
export async function projectedIn(
  pool: Pool,
  views: readonly AnyView[],
  stream: string,
  revision: number,
  relayed: IndexedCommand['relayed'],
): Promise<readonly Projected[]> {
  const [first] = views;
  if (!first) return [];
  const { rows } = await pool.query<Found>({
    name: 'projected in',
    text: `SELECT wanted.view, entity.revision, parked.revision AS parked,
             (SELECT applied_at FROM read_model.applied_batches batch
              WHERE batch.view = wanted.view AND topic = $3 AND partition = $4 AND next_offset > $5
              ORDER BY next_offset LIMIT 1) AS applied_at
           FROM unnest($1::text[]) AS wanted (view)
           LEFT JOIN read_model.entities entity ON entity.view = wanted.view AND entity.stream = $2
           LEFT JOIN read_model.parked_entities parked
             ON parked.view = wanted.view AND parked.stream = $2 AND parked.attempts > 0`,
    values: [
      views.map(viewKey),
      stream,
      eventsTopic(first.category),
      relayed?.partition ?? null,
      relayed?.offset ?? null,
    ],
  });
  const byView = new Map(rows.map((row) => [row.view, row]));
  return views.map((view) => toProjected(view.name, byView.get(viewKey(view)), revision));
}

function toProjected(view: string, found: Found | undefined, revision: number): Projected {
  if (Number(found?.revision ?? -1) >= revision) {
    const at = found?.applied_at?.toISOString();
    return { view, state: 'done', ...(at !== undefined && { at }) };
  }
  const isParked = typeof found?.parked === 'string' && Number(found.parked) <= revision;
  return { view, state: isParked ? 'parked' : 'waiting' };
}
