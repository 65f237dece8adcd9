import type { Pool } from 'pg';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/runtime/logger.js';
import { copyOf } from '../rebuild/view-copy.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { ViewFolder } from '../view-folder.js';
import { takeNextPortion } from './portions.js';
import { about } from '#libs/runtime/log-fields.js';

export interface ResumeTakeUpsOptions {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly views: readonly AnyView[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** A live process would have folded a portion in this time. */
const IDLE_SECONDS = 5;
const MOST_AT_ONCE = 100;

/**
 * Continues with entities that are catching up, in these views or in copies that are being rebuilt,
 * if nobody else does: the process that started is gone, or a projector has postponed them. After
 * all were tried, throws the last error.
 */
export async function resumeTakeUps(options: ResumeTakeUpsOptions): Promise<void> {
  const { pool, store, views, logger, signal } = options;
  const byKey = new Map(
    views.flatMap((view) => [view, copyOf(view, 'next')]).map((view) => [viewKey(view), view]),
  );
  const { rows } = await pool.query<{ view: string; stream: string }>(
    `SELECT view, stream FROM read_model.parked_entities
     WHERE attempts = 0 AND view = ANY ($1) AND tried_at < now() - $2 * interval '1 s' ORDER BY tried_at LIMIT $3`,
    [[...byKey.keys()], IDLE_SECONDS, MOST_AT_ONCE],
  );
  let failure: unknown;
  for (const { view: key, stream } of rows) {
    const view = byKey.get(key);
    if (!view) continue;
    const folder = new ViewFolder({ view, store, logger });
    try {
      let result = 'catching-up';
      while (result === 'catching-up' && !signal.aborted)
        ({ result } = await takeNextPortion(pool, folder, view, stream));
      if (result !== 'catching-up')
        logger.info({ view: key, ...about(stream), result }, 'pending events were folded');
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined) throw failure as Error;
}
