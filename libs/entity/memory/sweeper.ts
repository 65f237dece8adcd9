import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { EngineUnavailableError } from '#libs/entity/gateway/entity-gateway.js';
import type { Logger } from '#libs/runtime/logger.js';
import { DUTIES_TABLE } from './entity-index.projection.js';

export interface SweeperOptions {
  readonly pool: Pool;
  /** The categories whose entities are checked. */
  readonly categories: readonly string[];
  /**
   * Makes sure that the entity has a run, which resumes from its stream. Throws
   * `EngineUnavailableError` while Temporal is unavailable.
   */
  readonly wake: (stream: string) => Promise<void>;
  /** How long something may be due or owed before its entity is woken. */
  readonly patienceSeconds: number;
  /** The most to wake per second (default: 100). */
  readonly perSecond?: number;
  readonly logger: Logger;
}

/**
 * A single entity that does not answer may have a problem of its own. This many in a row mean that
 * Temporal does.
 */
const AWAY_IN_A_ROW = 3;

const AT_ONCE = 100;
const PER_SECOND = 100;

/** A sweeper that runs until it is closed. */
export interface Sweeper {
  close(): Promise<void>;
}

/**
 * Finds entities that should have acted by themselves but have not, because their workflow was
 * terminated, or Temporal was wiped. They are woken, and resume from their streams. Waking a
 * running one does no harm. One that is woken in vain, or cannot be woken, is left alone for twice
 * as long each time, and delays no other. Any number of processes may sweep.
 */
export function startSweeper(options: SweeperOptions): Sweeper {
  const stopping = new AbortController();
  const running = sweep(options, stopping.signal);
  return {
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function sweep(options: SweeperOptions, signal: AbortSignal): Promise<void> {
  const { patienceSeconds, logger } = options;
  for (;;) {
    await sleep(patienceSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await wakeAllOverdue(options, signal).catch((error: unknown) =>
      logger.warn({ err: error }, 'overdue entities cannot be looked for at present'),
    );
  }
}

/**
 * Continues while there is more to do, so that a loss of Temporal is repaired within minutes, at a
 * bounded rate.
 */
async function wakeAllOverdue(options: SweeperOptions, signal: AbortSignal): Promise<void> {
  const { perSecond = PER_SECOND } = options;
  for (;;) {
    const paced = sleep((AT_ONCE * 1_000) / perSecond, undefined, { signal }).catch(() => undefined);
    const overdue = await findOverdue(options);
    const woken = await wakeEach(options, overdue, signal);
    if (signal.aborted || woken === 0 || overdue.length < AT_ONCE) return;
    await paced;
  }
}

/** Returns how many were woken, or tried in vain and postponed. */
async function wakeEach(
  options: SweeperOptions,
  overdue: readonly Overdue[],
  signal: AbortSignal,
): Promise<number> {
  const { wake, logger } = options;
  let away = 0;
  let noted = 0;
  for (const { stream, revision } of overdue) {
    if (signal.aborted) break;
    logger.info({ stream }, 'an overdue entity is woken');
    try {
      await wake(stream);
      away = 0;
    } catch (error) {
      logger.warn({ err: error, stream }, 'an overdue entity cannot be woken at present');
      if (error instanceof EngineUnavailableError) {
        away += 1;
        if (away === AWAY_IN_A_ROW) throw error;
        continue; // It is the next one again, immediately.
      }
    }
    await noteWaking(options.pool, stream, revision);
    noted += 1;
  }
  return noted;
}

interface Overdue {
  readonly stream: string;
  readonly revision: string;
}

/** The longest overdue first. */
async function findOverdue({ pool, categories, patienceSeconds }: SweeperOptions) {
  const { rows } = await pool.query<Overdue>(
    `SELECT stream, revision FROM ${DUTIES_TABLE}
     WHERE category = ANY ($1)
       AND (due_at < now() - make_interval(secs => $2) OR owed_since < now() - make_interval(secs => $2))
       AND (woken_revision < revision OR woken_at < now() - make_interval(secs => $2 * 2 ^ least(wakings, 20)))
     ORDER BY least(due_at, owed_since) LIMIT ${AT_ONCE}`,
    [categories, patienceSeconds],
  );
  return rows;
}

async function noteWaking(pool: Pool, stream: string, revision: string): Promise<void> {
  await pool.query(
    `UPDATE ${DUTIES_TABLE} SET woken_at = now(), woken_revision = $2,
       wakings = CASE WHEN woken_revision = $2 THEN wakings + 1 ELSE 1 END
     WHERE stream = $1`,
    [stream, revision],
  );
}
