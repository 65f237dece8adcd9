import type { Pool, PoolClient } from 'pg';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { CATCHING_UP } from '../batch-fold.js';
import { holdInPlace } from '../rebuild/rebuild-jobs.js';
import { inTransaction } from '../transaction.js';
import { type AnyView, logicalKey, viewKey } from '#libs/core/view-definition.js';
import { isBadValue, type ViewFolder } from '../view-folder.js';

/** The most of a parked entity to fold in one transaction, but at least one event. */
const PORTION = { events: 500, bytes: 4 * 1024 * 1024 };

/**
 * The state of a parked entity. While it is catching up, no attempt has failed: the event at this
 * revision is fine, a portion has been folded and more events are pending.
 */
export interface Parked {
  readonly revision: number;
  readonly reason: string;
  readonly attempts: number;
}

/** The state of an entity after a portion: the last revision folded, or the one that failed. */
export type Portion =
  | { readonly result: 'caught-up' | 'catching-up'; readonly revision: number }
  | {
      readonly result: 'parked';
      readonly revision: number;
      readonly reason: string;
      readonly attempts: number;
    };

/**
 * Removes the row of the parked entity, so that folding does not find it parked. Other transactions
 * do not see that. The projector waits until this transaction ends: an event that arrives in the
 * meantime is folded after these, or queues behind them. Throws `viewProblems.rebuildState` while
 * the rows of the view are exchanged.
 */
export async function holdParked(
  client: PoolClient,
  view: AnyView,
  stream: string,
  onlyCatchingUp = false,
): Promise<Parked | undefined> {
  await holdInPlace(client, logicalKey(view));
  const { rows } = await client.query<Parked & { revision: string }>(
    `UPDATE read_model.parked_entities SET taken_up = true
     WHERE view = $1 AND stream = $2 AND (attempts = 0 OR NOT $3) RETURNING revision, reason, attempts`,
    [viewKey(view), stream, onlyCatchingUp],
  );
  return rows[0] && { ...rows[0], revision: Number(rows[0].revision) };
}

/** The first pending events. */
export async function loadPortion(
  client: PoolClient,
  view: string,
  stream: string,
): Promise<PublishedEvent[]> {
  const { rows } = await client.query<{ event: PublishedEvent }>(
    `SELECT event FROM (
       SELECT event, revision, sum(bytes) OVER (ORDER BY revision) - bytes AS before FROM (
         SELECT event, revision, octet_length(event::text) AS bytes FROM read_model.parked_events
         WHERE view = $1 AND stream = $2 ORDER BY revision LIMIT $3) AS first) AS portion
     WHERE before < $4 ORDER BY revision`,
    [view, stream, PORTION.events, PORTION.bytes],
  );
  return rows.map(({ event }) => event);
}

/** Folds a portion of the pending events, and records the resulting state of the entity. */
export async function foldPortion(
  client: PoolClient,
  folder: ViewFolder,
  { key, stream, events }: { key: string; stream: string; events: readonly PublishedEvent[] },
): Promise<Portion> {
  await client.query('SAVEPOINT together');
  try {
    await folder.foldTogether(client, events);
  } catch (error) {
    if (!isBadValue(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT together');
    await folder.foldApart(client, events);
  }
  return settle(client, key, stream, events.at(-1)?.revision);
}

/**
 * Folds the next portion of an entity that is catching up, in a separate transaction. If somebody
 * else has done so, returns the state of the entity.
 */
export function takeNextPortion(
  pool: Pool,
  folder: ViewFolder,
  view: AnyView,
  stream: string,
): Promise<Portion> {
  const key = viewKey(view);
  return inTransaction(pool, async (client) => {
    const held = await holdParked(client, view, stream, true);
    if (!held) return standing(client, key, stream);
    return foldPortion(client, folder, { key, stream, events: await loadPortion(client, key, stream) });
  });
}

/**
 * Removes the folded events from the queue. If nothing failed and more is pending, the entity stays
 * parked at the next event.
 */
async function settle(
  client: PoolClient,
  view: string,
  stream: string,
  last: number | undefined,
): Promise<Portion> {
  const values = [view, stream];
  const { rows } = await client.query<{ revision: string; taken_up: boolean }>(
    'SELECT revision, taken_up FROM read_model.parked_entities WHERE view = $1 AND stream = $2',
    values,
  );
  const isFolded = rows[0]?.taken_up === true;
  const next = isFolded ? (last ?? -1) + 1 : Number(rows[0]?.revision);
  await client.query(
    'DELETE FROM read_model.parked_events WHERE view = $1 AND stream = $2 AND revision < $3',
    [...values, next],
  );
  if (isFolded) {
    await client.query(
      `UPDATE read_model.parked_entities parked
       SET taken_up = false, attempts = 0, revision = waiting.revision, reason = $3, tried_at = now()
       FROM (SELECT min(revision) AS revision FROM read_model.parked_events WHERE view = $1 AND stream = $2) waiting
       WHERE view = $1 AND stream = $2 AND waiting.revision IS NOT NULL`,
      [...values, CATCHING_UP],
    );
    await client.query(
      'DELETE FROM read_model.parked_entities WHERE view = $1 AND stream = $2 AND taken_up',
      values,
    );
  }
  return standing(client, view, stream);
}

async function standing(client: PoolClient, view: string, stream: string): Promise<Portion> {
  const values = [view, stream];
  const { rows } = await client.query<Parked & { revision: string }>(
    `SELECT revision, reason, attempts FROM read_model.parked_entities WHERE view = $1 AND stream = $2`,
    values,
  );
  const [parked] = rows;
  if (parked && parked.attempts > 0) {
    const { reason, attempts } = parked;
    return { result: 'parked', revision: Number(parked.revision), reason, attempts };
  }
  const shown = await client.query<{ revision: string }>(
    'SELECT revision FROM read_model.entities WHERE view = $1 AND stream = $2',
    values,
  );
  const revision = Number(shown.rows[0]?.revision ?? -1);
  return { result: parked ? 'catching-up' : 'caught-up', revision };
}
