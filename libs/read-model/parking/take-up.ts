import type { Pool, PoolClient } from 'pg';
import type { PublishedEvent } from '#libs/kafka/published-event.js';
import { inTransaction } from '../transaction.js';
import { type AnyView, logicalKey, viewKey } from '../view-definition.js';
import { isBadValue, type ViewFolder } from '../view-folder.js';
import { type Amendment, saveAmendment, withdrawAmendment } from './amendments.js';
import {
  NotAmendableError,
  NothingToAmendError,
  NotParkedError,
  ParkedElsewhereError,
} from './parking.errors.js';
import { noteInAudit } from './view-audit.js';

/** What is to be done with a parked entity: fold on as it is, without the event that failed, or with another in its place. */
export type Verb = { readonly verb: 'retry' } | Amendment;

export interface TakeUp {
  readonly view: AnyView;
  readonly stream: string;
  readonly what: Verb;
  /** The event that was looked at; when the entity is parked at another one by now, nothing is done. */
  readonly revision?: number | undefined;
  readonly operator: string;
  readonly reason?: string | undefined;
}

/** What came of it. */
export type TakenUp =
  | { readonly result: 'caught-up'; readonly revision: number; readonly folded: number }
  | {
      readonly result: 'parked';
      readonly revision: number;
      readonly folded: number;
      readonly reason: string;
      readonly attempts: number;
    };

interface Parked {
  readonly revision: number;
  readonly reason: string;
  readonly attempts: number;
}

/**
 * Takes a parked entity up again: folds the events that wait, in order and in one transaction. When one of them fails, the
 * entity stays parked there, with all before it folded. The projector waits for the parked entity's row meanwhile, so that
 * an event that arrives is folded after these or queues behind them. Throws {@link NotParkedError},
 * {@link ParkedElsewhereError}, {@link NothingToAmendError}, {@link NotAmendableError}, and whatever PostgreSQL or the store
 * fails with: nothing was changed then.
 */
export async function takeUp(pool: Pool, folder: ViewFolder, request: TakeUp): Promise<TakenUp> {
  const { view, stream, what, operator, reason } = request;
  const key = viewKey(view);
  if (view.isProof && what.verb !== 'retry') {
    throw new NotAmendableError(`${key} proves what has happened: mend its code and retry`);
  }
  return inTransaction(pool, async (client) => {
    const before = await holdParked(client, key, stream);
    if (request.revision !== undefined && request.revision !== before.revision) {
      throw new ParkedElsewhereError(`${stream} is parked at revision ${before.revision} in ${key}`);
    }
    const waiting = await loadWaiting(client, key, stream);
    const failed = waiting.find(({ revision }) => revision === before.revision);
    if (what.verb !== 'retry') {
      if (!failed) throw new NothingToAmendError(`nobody holds revision ${before.revision} of ${stream}`);
      await saveAmendment(client, logicalKey(view), failed, what);
    }
    await foldAll(client, folder, waiting);
    const after = await settle(client, key, stream);
    // It did not help: the operator's next idea must not meet this one.
    if (what.verb !== 'retry' && after?.revision === before.revision) {
      await withdrawAmendment(client, logicalKey(view), stream, before.revision);
    }
    const taken = outcomeOf(before, after, waiting);
    await noteInAudit(client, {
      operator,
      view: key,
      verb: what.verb,
      stream,
      revision: before.revision,
      reason,
      before: { ...before, event: failed },
      after: what.verb === 'patch' ? what.replacement : undefined,
      result: taken,
    });
    return taken;
  });
}

/** Takes the row of the parked entity, so that folding does not find it parked; nobody else sees it so. */
async function holdParked(client: PoolClient, view: string, stream: string): Promise<Parked> {
  const { rows } = await client.query<{ revision: string; reason: string; attempts: number }>(
    `UPDATE read_model.parked_entities SET taken_up = true WHERE view = $1 AND stream = $2
     RETURNING revision, reason, attempts`,
    [view, stream],
  );
  const [parked] = rows;
  if (!parked) throw new NotParkedError(`${stream} is not parked in ${view}`);
  return { ...parked, revision: Number(parked.revision) };
}

async function loadWaiting(client: PoolClient, view: string, stream: string): Promise<PublishedEvent[]> {
  const { rows } = await client.query<{ event: PublishedEvent }>(
    'SELECT event FROM read_model.parked_events WHERE view = $1 AND stream = $2 ORDER BY revision',
    [view, stream],
  );
  return rows.map(({ event }) => event);
}

async function foldAll(
  client: PoolClient,
  folder: ViewFolder,
  events: readonly PublishedEvent[],
): Promise<void> {
  await client.query('SAVEPOINT together');
  try {
    await folder.foldTogether(client, events);
  } catch (error) {
    if (!isBadValue(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT together');
    await folder.foldApart(client, events);
  }
}

/** Removes what waits no more; what is left of the parked entity when it was parked again. */
async function settle(client: PoolClient, view: string, stream: string): Promise<Parked | undefined> {
  const values = [view, stream];
  await client.query(
    'DELETE FROM read_model.parked_entities WHERE view = $1 AND stream = $2 AND taken_up',
    values,
  );
  const { rows } = await client.query<{ revision: string; reason: string; attempts: number }>(
    'SELECT revision, reason, attempts FROM read_model.parked_entities WHERE view = $1 AND stream = $2',
    values,
  );
  const [parked] = rows;
  const revision = parked ? Number(parked.revision) : Number.MAX_SAFE_INTEGER;
  await client.query(
    'DELETE FROM read_model.parked_events WHERE view = $1 AND stream = $2 AND revision < $3',
    [...values, revision],
  );
  return parked && { ...parked, revision };
}

function outcomeOf(before: Parked, after: Parked | undefined, waiting: readonly PublishedEvent[]): TakenUp {
  if (after) {
    const { revision, reason, attempts } = after;
    return { result: 'parked', revision, folded: revision - before.revision, reason, attempts };
  }
  const revision = waiting.at(-1)?.revision ?? before.revision - 1;
  return { result: 'caught-up', revision, folded: waiting.length };
}
