import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { Party } from '#libs/core/party.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { namesOf, type OwnerField } from './owner-field.js';
import { columnOf } from './row-query.js';

const FIRST_PAUSE_MILLISECONDS = 5;
const LONGEST_PAUSE_MILLISECONDS = 50;

/** What a view shows of a stream: the revision of its last event, or -1 if it shows nothing yet. */
export interface Shown {
  readonly revision: number;
  /**
   * The event that the view could not fold. It shows neither this nor a later one until an operator
   * acts.
   */
  readonly parkedAt?: number;
}

/** What a caller owns, as a table with a row for each entity tells. */
export interface Possessions extends OwnerField {
  readonly caller: Party;
}

/** What a view shows of each of these streams; nothing of those that are not among `only`. */
async function shownOf(
  pool: Pool,
  view: AnyView,
  streams: readonly string[],
  only?: Possessions,
): Promise<ReadonlyMap<string, Shown>> {
  const parts = streams.map((stream) => parseStreamName(stream));
  const { name, own } = only ? { name: `shown of ${only.table.name}`, own: among(only) } : ANY;
  const { rows } = await pool.query<{ stream: string; revision: string | null; parked: string | null }>({
    name,
    text: `SELECT wanted.stream, entity.revision, parked.revision AS parked
           FROM unnest($2::text[], $3::text[], $4::text[]) AS wanted (stream, tenant, id)
           LEFT JOIN read_model.entities entity
             ON entity.view = $1 AND entity.stream = wanted.stream AND ${own}
           LEFT JOIN read_model.parked_entities parked
             ON parked.view = $1 AND parked.stream = wanted.stream AND parked.attempts > 0 AND ${own}`,
    values: [
      viewKey(view),
      streams,
      parts.map((part) => part?.tenant),
      parts.map((part) => part?.id),
      ...(only ? [namesOf(only, only.caller)] : []),
    ],
  });
  return new Map(
    rows.map(({ stream, revision, parked }) => {
      const isParked = parked !== null && { parkedAt: Number(parked) };
      return [stream, { revision: Number(revision ?? -1), ...isParked }];
    }),
  );
}

const ANY = { name: 'shown of', own: 'true' };

function among({ table, field }: Possessions): string {
  return `EXISTS (SELECT FROM read_model.${table.name} own WHERE own.tenant = wanted.tenant
                  AND own.${table.owner} = wanted.id AND own.${columnOf(table, field)} = ANY ($5::text[]))`;
}

/**
 * Waits until a view shows each stream up to its revision, at most `milliseconds`, but not for
 * those that are parked before it. Resolves to what it then shows. With `only`, waits for what the
 * caller does not own as for what does not exist.
 */
export async function waitForRevisions(
  pool: Pool,
  view: AnyView,
  wanted: ReadonlyMap<string, number>,
  milliseconds: number,
  only?: Possessions,
): Promise<ReadonlyMap<string, Shown>> {
  const deadline = Date.now() + milliseconds;
  for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
    const shown = await shownOf(pool, view, [...wanted.keys()], only);
    const left = deadline - Date.now();
    const isAll = [...wanted].every(([stream, revision]) => {
      const { revision: reached = -1, parkedAt = Infinity } = shown.get(stream) ?? {};
      return reached >= revision || parkedAt <= revision;
    });
    if (isAll || left <= 0) return shown;
    await sleep(Math.min(pause, left));
  }
}

/** The revision of a stream that a view shows, or -1 if it shows none of it yet. */
export async function revisionOf(pool: Pool, view: AnyView, stream: string): Promise<number> {
  return (await shownOf(pool, view, [stream])).get(stream)?.revision ?? -1;
}

/** The same for one stream. Resolves to the revision that the view then shows. */
export async function waitForRevision(
  pool: Pool,
  view: AnyView,
  stream: string,
  revision: number,
  milliseconds: number,
): Promise<number> {
  const shown = await waitForRevisions(pool, view, new Map([[stream, revision]]), milliseconds);
  return shown.get(stream)?.revision ?? -1;
}
