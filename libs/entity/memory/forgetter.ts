import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type Background, inBackground } from '#libs/runtime/in-background.js';
import type { Logger } from '#libs/runtime/logger.js';
import { OUTCOMES_TABLE } from './postgres-outcome-memory.js';

const PAUSE_MILLISECONDS = 60_000;
/** Per statement, so that each is short and does not delay writers. */
const AT_ONCE = 5_000;

export interface ForgetterOptions {
  readonly pool: Pool;
  /** How long an outcome is kept. */
  readonly outcomeHours: number;
  /** How long its existence is remembered, if that is longer. */
  readonly keyDays: number;
  readonly logger: Logger;
}

/**
 * Bounds the memory of outcomes: removes what is too old, once a minute. Any number of processes
 * may run it.
 */
export function startForgetter(options: ForgetterOptions): Background {
  return inBackground((signal) => run(options, signal));
}

async function run(options: ForgetterOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await forget(options, signal).catch((error: unknown) =>
      options.logger.debug({ err: error }, 'old outcomes cannot be removed at present'),
    );
    await sleep(PAUSE_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}

/** Removes what is too old. */
export async function forget(
  { pool, outcomeHours, keyDays }: Omit<ForgetterOptions, 'logger'>,
  signal?: AbortSignal,
): Promise<void> {
  const old = `SELECT ctid FROM ${OUTCOMES_TABLE} WHERE kept_at < now() - make_interval(hours => $1)`;
  const some = `LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`;
  const trim = `UPDATE ${OUTCOMES_TABLE} SET outcome = NULL
                WHERE ctid = ANY (ARRAY(${old} AND outcome IS NOT NULL ${some}))`;
  const drop = `DELETE FROM ${OUTCOMES_TABLE} WHERE ctid = ANY (ARRAY(${old} ${some}))`;
  await untilDone(pool, trim, outcomeHours, signal);
  await untilDone(pool, drop, Math.max(outcomeHours, keyDays * 24), signal);
}

async function untilDone(pool: Pool, text: string, hours: number, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(text, [hours]);
    if (signal?.aborted || (rowCount ?? 0) < AT_ONCE) return;
  }
}
