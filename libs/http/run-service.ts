import type { Logger } from '#libs/observability/logger.js';

const LONGEST_SHUTDOWN_MILLISECONDS = 15_000;

/** A part of a process that is stopped at its end. */
export interface Stoppable {
  close(): Promise<void>;
}

/**
 * Ends the process cleanly at SIGTERM and SIGINT: the parts in the order given, each only after the one before. Never takes
 * longer than 15 s.
 */
export function stopOnSignal(parts: readonly Stoppable[], logger: Logger): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), LONGEST_SHUTDOWN_MILLISECONDS).unref();
    for (const part of parts) {
      await part
        .close()
        .catch((error: unknown) => logger.warn({ err: error }, 'a part did not stop cleanly'));
    }
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}
