import { type DestinationStream, pino } from 'pino';
import { redact } from '#libs/core/redact.js';
import type { LogFields } from './log-fields.js';
import { loggedError } from './logged-error.js';

/** Writes a line at a level. */
interface Log {
  (fields: LogFields, message: string): void;
  (message: string): void;
}

/**
 * What our code logs with. The levels are those of docs/operations.md: `error` if somebody must
 * act, `warn` if something is degraded and handled, `info` for what happens once. A logger of pino
 * is one.
 */
export interface Logger {
  readonly fatal: Log;
  readonly error: Log;
  readonly warn: Log;
  readonly info: Log;
  readonly debug: Log;
  /** A logger whose lines all have these fields. */
  child(fields: LogFields): Logger;
}

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/**
 * A JSON logger for one process. It writes to standard output, where log collectors look, or to
 * standard error for programs that print results on standard output. `LOG_LEVEL` sets the level
 * (default `info`).
 *
 * Do not log payloads: name the stream, the command and the code. Of errors, only known fields are
 * logged, and credentials and email addresses are replaced in every line.
 */
export function createLogger(name: string, to: keyof typeof DESCRIPTORS = 'stdout'): Logger {
  return loggerTo(pino.destination({ dest: DESCRIPTORS[to], sync: false }), name);
}

/** The same logger with another destination. */
export function loggerTo(destination: DestinationStream, name: string): Logger {
  return pino(
    {
      name,
      level: process.env['LOG_LEVEL'] ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: errorOnly, error: errorOnly },
      hooks: { streamWrite: redact },
    },
    destination,
  );
}

function errorOnly(error: unknown): unknown {
  return loggedError(error);
}
