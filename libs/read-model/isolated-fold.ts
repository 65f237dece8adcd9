import type { PoolClient } from 'pg';
import { errorText } from '#libs/core/error-text.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { BatchFold } from './batch-fold.js';
import { writeFold } from './batch-writer.js';
import { about } from '#libs/runtime/log-fields.js';

interface FoldApart {
  readonly client: PoolClient;
  readonly view: string;
  readonly fold: (events: readonly PublishedEvent[]) => Promise<BatchFold>;
  readonly isBadValue: (error: unknown) => boolean;
  readonly logger: Logger;
}

/**
 * Folds and writes events whose rows PostgreSQL refused, in order. Halves them until each refused
 * event is alone. That one parks its entity, and everything else counts.
 */
export async function foldHalves(work: FoldApart, events: readonly PublishedEvent[]): Promise<void> {
  const [event] = events;
  if (!event) return;
  const refused = await foldUnlessRefused(work, events);
  if (!refused) return;
  const { folded, reason } = refused;
  // The bad one may be among those that were missing before it.
  const all = events.length === 1 ? [...folded.missing, event] : events;
  if (all.length === 1) return park(work, folded, event, reason);
  const middle = Math.ceil(all.length / 2);
  await foldHalves(work, all.slice(0, middle));
  await foldHalves(work, all.slice(middle));
}

async function foldUnlessRefused(
  { client, view, fold, isBadValue }: FoldApart,
  events: readonly PublishedEvent[],
) {
  const folded = await fold(events);
  await client.query('SAVEPOINT events');
  try {
    await writeFold(client, view, folded);
  } catch (error) {
    if (!isBadValue(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT events; RELEASE SAVEPOINT events');
    return { folded, reason: errorText(error) };
  }
  await client.query('RELEASE SAVEPOINT events');
  return undefined;
}

async function park(
  { client, view, logger }: FoldApart,
  folded: BatchFold,
  event: PublishedEvent,
  reason: string,
): Promise<void> {
  const { stream, revision } = event;
  logger.error({ ...about(stream, event), view, revision, reason }, 'an entity is parked in this view');
  await writeFold(client, view, folded.onlyParking({ stream, revision, reason }, event));
}
