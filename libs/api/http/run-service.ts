import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#libs/runtime/logger.js';

/** The longest wait for one step of the shutdown before the next starts. */
const STEP_MILLISECONDS = 5_000;
/** What the whole end may take. */
export const LONGEST_SHUTDOWN_MILLISECONDS = 15_000;

/** A part of a process that is stopped at its end. */
export interface Stoppable {
  close(): Promise<void>;
}

/** The parts of a process in the order in which they stop. Those of one step stop concurrently. */
export type StopOrder = readonly (readonly Stoppable[])[];

/**
 * Shuts the process down cleanly on SIGTERM and SIGINT, step by step. A step is not waited for
 * longer than 5 s, the whole shutdown at most 15 s. The exit code is 0 unless the whole was cut
 * short.
 */
export function stopOnSignal(steps: StopOrder, logger: Logger, stepMilliseconds = STEP_MILLISECONDS): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), LONGEST_SHUTDOWN_MILLISECONDS).unref();
    await stopInOrder(steps, logger, stepMilliseconds);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}

/**
 * Stops each step after the previous one. A part that fails or is late is logged and does not delay
 * the rest.
 */
export async function stopInOrder(
  steps: StopOrder,
  logger: Logger,
  stepMilliseconds = STEP_MILLISECONDS,
): Promise<void> {
  for (const parts of steps) {
    const isDone = Promise.all(parts.map((part) => stopOne(part, logger))).then(() => true);
    const isLate = pause(stepMilliseconds, false, { ref: false });
    if (!(await Promise.race([isDone, isLate]))) logger.warn('a part takes too long to stop; continuing');
  }
}

async function stopOne(part: Stoppable, logger: Logger): Promise<void> {
  try {
    await part.close();
  } catch (error) {
    logger.warn({ err: error }, 'a part did not stop cleanly');
  }
}
