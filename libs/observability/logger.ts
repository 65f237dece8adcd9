import { type Logger, pino } from 'pino';

export type { Logger };

/** A JSON logger of one process, on standard error. `LOG_LEVEL` sets the level (default `info`). */
export function createLogger(name: string): Logger {
  return pino(
    { name, level: process.env['LOG_LEVEL'] ?? 'info', timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: false }),
  );
}
