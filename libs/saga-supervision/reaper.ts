import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { streamName } from '#libs/decider/entity-id.js';
import type { Logger } from '#libs/observability/logger.js';
import { findQuietSagas } from './sagas.queries.js';

export interface ReaperOptions {
  readonly pool: Pool;
  /** The kinds of sagas that are looked after. */
  readonly sagas: readonly string[];
  /** Sees to it that a run of this saga is there; it goes on from its stream. */
  readonly wake: (stream: string) => Promise<void>;
  /** A saga is woken when nothing was heard of it for so long. It does no harm to one that only waits. */
  readonly quietSeconds: number;
  readonly logger: Logger;
}

/** A reaper that runs until it is closed. */
export interface Reaper {
  close(): Promise<void>;
}

/**
 * Finds sagas that are not over and of which nothing was heard for a while (their workflow was terminated, or Temporal was
 * emptied) and has them go on. Any number of processes may do so.
 */
export function startReaper(options: ReaperOptions): Reaper {
  const stopping = new AbortController();
  const running = reap(options, stopping.signal);
  return {
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function reap(options: ReaperOptions, signal: AbortSignal): Promise<void> {
  const { sagas, quietSeconds, logger } = options;
  while (!signal.aborted) {
    await sleep(quietSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    for (const saga of sagas) {
      if (signal.aborted) return;
      await wakeQuiet(options, saga).catch((error: unknown) =>
        logger.warn({ err: error, saga }, 'quiet sagas cannot be looked for now'),
      );
    }
  }
}

async function wakeQuiet({ pool, wake, quietSeconds, logger }: ReaperOptions, saga: string): Promise<void> {
  for (const { tenant, id } of await findQuietSagas(pool, saga, quietSeconds)) {
    const stream = streamName(saga, id, tenant);
    logger.info({ stream }, 'nothing was heard of this saga for a while: it is woken');
    await wake(stream);
  }
}
