import type { PoolClient } from 'pg';
import type { PublishedEvent } from '#libs/kafka/published-event.js';
import type { Logger } from '#libs/observability/logger.js';
import type { BatchFold } from './batch-fold.js';
import { writeFold } from './batch-writer.js';

interface FoldApart {
  readonly client: PoolClient;
  readonly view: string;
  readonly events: readonly PublishedEvent[];
  readonly fold: (events: readonly PublishedEvent[]) => Promise<BatchFold>;
  readonly isBadValue: (error: unknown) => boolean;
  readonly logger: Logger;
}

/** Folds and writes each entity of a batch by itself; one whose rows PostgreSQL refuses is parked from its first event. */
export async function foldEachApart(work: FoldApart): Promise<void> {
  const byStream = new Map<string, PublishedEvent[]>();
  for (const event of work.events) {
    const events = byStream.get(event.stream);
    if (events) events.push(event);
    else byStream.set(event.stream, [event]);
  }
  for (const events of byStream.values()) await foldOne(work, events);
}

/** Event by event, so that all before the one that cannot be written still count. */
async function foldOne(work: FoldApart, events: readonly PublishedEvent[]): Promise<void> {
  const { client, view, fold, isBadValue, logger } = work;
  for (const event of events) {
    const folded = await fold([event]);
    await client.query('SAVEPOINT entity');
    try {
      await writeFold(client, view, folded);
    } catch (error) {
      if (!isBadValue(error)) throw error;
      await client.query('ROLLBACK TO SAVEPOINT entity');
      const { stream, revision } = event;
      const reason = String(error);
      logger.error({ view, stream, revision, reason }, 'an entity is parked in this view');
      await writeFold(client, view, parkedAt(folded, event, reason));
    }
    await client.query('RELEASE SAVEPOINT entity');
  }
}

function parkedAt(folded: BatchFold, event: PublishedEvent, reason: string): BatchFold {
  const { stream, revision } = event;
  return folded.onlyParking({ stream, revision, reason }, event);
}
