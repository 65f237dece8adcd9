import { type Logger, pino } from 'pino';

export type { Logger };

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/**
 * A JSON logger for one process. It writes to standard output, where log collectors look, or to
 * standard error for programs that print results on standard output. `LOG_LEVEL` sets the level
 * (default `info`).
 */
export function createLogger(name: string, to: keyof typeof DESCRIPTORS = 'stdout'): Logger {
  return pino(
    { name, level: process.env['LOG_LEVEL'] ?? 'info', timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: DESCRIPTORS[to], sync: false }),
  );
}
