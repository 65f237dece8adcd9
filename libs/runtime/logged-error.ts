import { errorMessage } from '#libs/core/error-text.js';

const MOST_CAUSES = 5;
const MOST_FRAMES = 30;

/**
 * Fields of errors that logs show. Drivers put much more into theirs: PostgreSQL a whole row, the
 * client of the event store its connection string, Node an address with its password.
 */
const SHOWN = ['status', 'syscall', 'address', 'port', 'table', 'column', 'constraint'];

/** An error as a log shows it. Anything else is returned as it is. */
export function loggedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const fields = error as unknown as Readonly<Record<string, unknown>>;
  const isShown = (value: unknown) => typeof value === 'string' || typeof value === 'number';
  const shown = SHOWN.filter((field) => isShown(fields[field]));
  // Kafka's and Temporal's errors have a type for a code.
  const code = fields['code'] ?? fields['type'];
  const { cause } = error;
  return {
    type: error.name,
    message: errorMessage(error),
    ...(isShown(code) && { code }),
    ...Object.fromEntries(shown.map((field) => [field, fields[field]])),
    stack: framesOf(error),
    ...(cause !== undefined && depth < MOST_CAUSES && { cause: loggedError(cause, depth + 1) }),
  };
}

/** The stack without the message, which may have several lines. */
export function framesOf({ stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return frames.slice(0, MOST_FRAMES).join('\n');
}
