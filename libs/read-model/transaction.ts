import type { Pool, PoolClient } from 'pg';
import { TransactionTimeoutError } from './read-model.errors.js';

/** Longer than any batch takes; shorter than it takes a consumer to be thought dead twice. */
const TIMEOUT_MILLISECONDS = 30_000;

interface Patience {
  readonly milliseconds?: number | undefined;
  /** Gives up the connection at once when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs work in one transaction: committed when it resolves, rolled back when it rejects. A server that does not answer
 * for half a minute, or as long as is said, loses the connection ({@link TransactionTimeoutError}); whether a commit under way then happened is
 * not known. PostgreSQL itself ends a statement, and a pause between two, that last as long: a process that is frozen or cut off
 * holds no lock for ever.
 */
export function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { milliseconds = TIMEOUT_MILLISECONDS, signal }: Patience = {},
): Promise<T> {
  const transaction = async (client: PoolClient): Promise<T> => {
    await client.query(
      `BEGIN; SET LOCAL statement_timeout = ${milliseconds}; SET LOCAL idle_in_transaction_session_timeout = ${milliseconds}`,
    );
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  };
  return onConnection(pool, transaction, { milliseconds, signal });
}

/**
 * Runs work on one connection, outside a transaction unless it begins one. When the work fails, whatever it has begun is rolled
 * back; the connection is lost as {@link inTransaction} says.
 */
export async function onConnection<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { milliseconds = TIMEOUT_MILLISECONDS, signal }: Patience = {},
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  let giveUp: (error: Error) => void = () => undefined;
  const given = new Promise<never>((_, fail) => {
    giveUp = (error) => {
      broken ??= error;
      fail(error);
    };
  });
  const onAbort = () => giveUp(new TransactionTimeoutError('told to stop'));
  client.on('error', giveUp);
  signal?.addEventListener('abort', onAbort);
  const timer = setTimeout(
    () => giveUp(new TransactionTimeoutError('PostgreSQL does not answer')),
    milliseconds,
  );
  try {
    return await Promise.race([work(client), given]);
  } catch (error) {
    if (!broken) await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    client.off('error', giveUp);
    client.release(broken);
  }
}
