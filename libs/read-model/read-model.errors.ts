/** A migration that was applied has another text now. Text that was applied never changes: raise the view's version. */
export class MigrationChangedError extends Error {
  override readonly name = 'MigrationChangedError';
}

/** A page cursor that this API did not hand out. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}

/** The store does not hold events that must have been before one that was seen. */
export class MissingEventsError extends Error {
  override readonly name = 'MissingEventsError';
}

/** PostgreSQL gave no answer in time: the transaction was given up. */
export class TransactionTimeoutError extends Error {
  override readonly name = 'TransactionTimeoutError';
}

/** Two processes folded the same entity at once; the later one writes nothing and starts over. */
export class ConcurrentProjectionError extends Error {
  override readonly name = 'ConcurrentProjectionError';
}

/** An index that a view's table should have is not there yet; it is tried again. */
export class IndexNotBuiltError extends Error {
  override readonly name = 'IndexNotBuiltError';
}

/** A transaction that holds a table. */
export interface LockHolder {
  readonly pid: number;
  readonly application: string;
  /** PostgreSQL itself, vacuuming. */
  readonly isServer: boolean;
  /** How long its transaction has lasted; null where PostgreSQL does not tell us. */
  readonly seconds: number | null;
}

/** Tables that had to be locked were held by others all the time; nothing was changed. */
export class TablesBusyError extends Error {
  override readonly name = 'TablesBusyError';
  constructor(
    tables: readonly string[],
    readonly holders: readonly LockHolder[],
    milliseconds: number,
  ) {
    const held = holders.map(describe).join(', ') || 'by many short transactions, or by a prepared one';
    super(
      `${tables.join(', ')} could not be locked within ${Math.ceil(milliseconds / 1_000)} s: held ${held}`,
    );
  }
}

function describe({ pid, application, isServer, seconds }: LockHolder): string {
  const name = isServer ? 'autovacuum' : application || 'unnamed';
  return `by process ${pid} (${name}${seconds === null ? '' : `, in a transaction for ${seconds} s`})`;
}
