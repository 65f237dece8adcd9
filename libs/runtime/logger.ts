import { type Logger, pino } from 'pino';

export type { Logger };

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/**
 * A JSON logger of one process, on standard output, where collectors look; on standard error for one that says something else
 * there. `LOG_LEVEL` sets the level (default `info`).
 */
export function createLogger(name: string, to: keyof typeof DESCRIPTORS = 'stdout'): Logger {
  return pino(
    { name, level: process.env['LOG_LEVEL'] ?? 'info', timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: DESCRIPTORS[to], sync: false }),
  );
}
