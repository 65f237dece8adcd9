import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#libs/runtime/logger.js';

/** How long one step of the shutdown may take before the next one starts. */
const STEP_MILLISECONDS = 5_000;
/** How long the whole shutdown may take. */
export const LONGEST_SHUTDOWN_MILLISECONDS = 15_000;

/** A part of a process that is closed at shutdown. */
export interface Stoppable {
  close(): Promise<void>;
}

/**
 * The parts of a process, grouped by step in the order in which they stop. The parts of one step
 * stop concurrently.
 */
export type StopOrder = readonly (readonly Stoppable[])[];

/**
 * Shuts the process down step by step on SIGTERM and SIGINT. A step may take 5 s, and the whole
 * shutdown 15 s. The exit code is 0, or 1 if the 15 s were not enough, or that of
 * {@link endInOrder}.
 */
export function stopOnSignal(steps: StopOrder, logger: Logger, stepMilliseconds = STEP_MILLISECONDS): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    const late = setTimeout(() => process.exit(process.exitCode ?? 1), LONGEST_SHUTDOWN_MILLISECONDS);
    late.unref();
    await stopInOrder(steps, logger, stepMilliseconds);
    clearTimeout(late);
    process.exit(process.exitCode ?? 0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}

/** Shuts the process down as on SIGTERM, with another exit code. */
export function endInOrder(code: number): void {
  process.exitCode = code;
  process.kill(process.pid, 'SIGTERM');
}

/**
 * Ends the process with code 1 at an error that nothing handles, and logs it as others are logged.
 * Node would print every field of it.
 */
export function endAtUncaughtErrors(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'an error was not handled, and the process ends');
    process.exit(1);
  });
}

/**
 * Stops the steps one after the other. If a part fails or is late, this is logged and the next step
 * starts.
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
