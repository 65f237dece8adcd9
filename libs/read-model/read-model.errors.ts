import { ProblemError } from '#libs/core/problem-error.js';
import { InvalidRequestError, problems, UnavailableError } from '#libs/core/problems.js';
import { viewProblems } from './view-problems.js';

/** An applied migration has a different text now. */
export class MigrationChangedError extends Error {
  override readonly name = 'MigrationChangedError';
}

/** An existing table differs from its declaration: the view needs a new version with new tables. */
export class TableChangedError extends Error {
  override readonly name = 'TableChangedError';
}

/** A page cursor that this API did not issue. */
export class InvalidCursorError extends InvalidRequestError {
  override readonly name = 'InvalidCursorError';
  constructor(detail: string) {
    super(problems.invalidQuery, [{ parameter: 'cursor', detail }]);
  }
}

/** The store lacks events that must have come before one that was received. */
export class MissingEventsError extends Error {
  override readonly name = 'MissingEventsError';
}

/** PostgreSQL did not answer in time, so the transaction was abandoned. */
export class TransactionTimeoutError extends UnavailableError {
  override readonly name = 'TransactionTimeoutError';
  constructor(message: string, options?: ErrorOptions) {
    super('postgres', { message, ...options });
  }
}

/** Two processes folded the same entity at once. The later one writes nothing and starts over. */
export class ConcurrentProjectionError extends Error {
  override readonly name = 'ConcurrentProjectionError';
}

/** An index that a view's table should have is not there yet. It is retried. */
export class IndexNotBuiltError extends Error {
  override readonly name = 'IndexNotBuiltError';
}

const BUSY_RETRY_SECONDS = 30;

/** A transaction that holds a lock on a table. */
export interface LockHolder {
  readonly pid: number;
  readonly application: string;
  /** PostgreSQL itself, vacuuming. */
  readonly isServer: boolean;
  /** The age of its transaction, or null if PostgreSQL does not show it to us. */
  readonly seconds: number | null;
}

/**
 * Other transactions held tables that had to be locked until the wait ended; nothing was changed.
 */
export class TablesBusyError extends ProblemError {
  override readonly name = 'TablesBusyError';
  constructor(
    tables: readonly string[],
    readonly holders: readonly LockHolder[],
    milliseconds: number,
  ) {
    const held = holders.map(describe).join(', ') || 'by many short transactions, or by a prepared one';
    const detail = `${tables.join(', ')} could not be locked within ${Math.ceil(milliseconds / 1_000)} s: held ${held}`;
    const extras = { retryAfterSeconds: BUSY_RETRY_SECONDS, members: { holders } };
    super(viewProblems.rebuildBusy, detail, extras);
  }
}

function describe({ pid, application, isServer, seconds }: LockHolder): string {
  const name = isServer ? 'autovacuum' : application || 'unnamed';
  return `by process ${pid} (${name}${seconds === null ? '' : `, in a transaction for ${seconds} s`})`;
}
