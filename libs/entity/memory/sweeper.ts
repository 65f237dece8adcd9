import { setTimeout as sleep } from 'node:timers/promises';
import { Counter } from 'prom-client';
import { EngineUnavailableError } from '#libs/entity/gateway/entity-gateway.js';
import { type Background, inBackground } from '#libs/runtime/in-background.js';
import type { Logger } from '#libs/runtime/logger.js';
import { about } from '#libs/runtime/log-fields.js';

/** An entity that has to be woken. */
export interface ToWake {
  readonly stream: string;
  /** Called once it was woken, or could not be woken for a reason of its own. */
  note(): Promise<void>;
}

/** Finds entities that have to be woken, for one reason. */
export interface WakingSource {
  /** For logs and metrics. */
  readonly reason: string;
  /** The most urgent first, but none that was noted just now. */
  find(limit: number): Promise<readonly ToWake[]>;
}

export interface SweeperOptions {
  readonly sources: readonly WakingSource[];
  /**
   * Makes sure that the entity has a run, which resumes from its stream. Throws
   * `EngineUnavailableError` while Temporal is unavailable.
   */
  readonly wake: (stream: string) => Promise<void>;
  /** How long it pauses once there is nothing to wake. */
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

const wokenEntities = new Counter({
  name: 'perdure_entities_woken_total',
  help: 'Entities that the sweeper woke, because they were overdue or because Temporal was emptied',
  labelNames: ['reason'],
});

/**
 * Wakes entities that have lost their workflow, so that they resume from their streams. Waking a
 * running one does no harm. One that cannot be woken delays no other. Any number of processes may
 * sweep.
 */
export function startSweeper(options: SweeperOptions): Background {
  return inBackground((signal) => sweep(options, signal));
}

async function sweep(options: SweeperOptions, signal: AbortSignal): Promise<void> {
  const { sources, patienceSeconds, logger } = options;
  for (;;) {
    await sleep(patienceSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    for (const source of sources) {
      if (signal.aborted) return;
      await wakeAll(source, options, signal).catch((error: unknown) =>
        logger.warn(
          { err: error, reason: source.reason },
          'entities that have to be woken cannot be looked for at present',
        ),
      );
    }
    if (signal.aborted) return;
  }
}

/**
 * Continues while there is more to do, so that a loss of Temporal is repaired within minutes, at a
 * bounded rate.
 */
async function wakeAll(source: WakingSource, options: SweeperOptions, signal: AbortSignal): Promise<void> {
  const { perSecond = PER_SECOND } = options;
  for (;;) {
    const paced = sleep((AT_ONCE * 1_000) / perSecond, undefined, { signal }).catch(() => undefined);
    const found = await source.find(AT_ONCE);
    const woken = await wakeEach(source.reason, found, options, signal);
    if (signal.aborted || woken === 0 || found.length < AT_ONCE) return;
    await paced;
  }
}

/** Returns how many were woken, or tried in vain and postponed. */
async function wakeEach(
  reason: string,
  found: readonly ToWake[],
  { wake, logger }: SweeperOptions,
  signal: AbortSignal,
): Promise<number> {
  let away = 0;
  let noted = 0;
  for (const one of found) {
    const { stream } = one;
    if (signal.aborted) break;
    logger.info({ ...about(stream), reason }, 'an entity is woken');
    try {
      await wake(stream);
      wokenEntities.inc({ reason });
      away = 0;
    } catch (error) {
      logger.warn({ err: error, ...about(stream), reason }, 'an entity cannot be woken at present');
      if (error instanceof EngineUnavailableError) {
        away += 1;
        if (away === AWAY_IN_A_ROW) throw error;
        continue; // It is the next one again, immediately.
      }
    }
    await one.note();
    noted += 1;
  }
  return noted;
}
