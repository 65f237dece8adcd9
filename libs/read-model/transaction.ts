import type { Pool, PoolClient } from 'pg';
import { TransactionTimeoutError } from './read-model.errors.js';

/**
 * Longer than any batch takes, and shorter than it takes a consumer to be considered dead twice.
 */
const TIMEOUT_MILLISECONDS = 30_000;

interface Patience {
  readonly milliseconds?: number | undefined;
  /** The longest that a statement may wait for a lock. Default: as long as a statement may take. */
  readonly lockMilliseconds?: number | undefined;
  /** Drops the connection immediately when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs work in one transaction: committed when it resolves, rolled back when it rejects. If the
 * server does not answer for half a minute, or the given time, the connection is dropped ({@link
 * TransactionTimeoutError}), and the outcome of a commit in progress is unknown. PostgreSQL itself
 * ends a statement, and a pause between two, that lasts as long, so a process that is frozen or cut
 * off holds no lock forever.
 */
export function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { milliseconds = TIMEOUT_MILLISECONDS, lockMilliseconds, signal }: Patience = {},
): Promise<T> {
  const locking = lockMilliseconds === undefined ? '' : `; SET LOCAL lock_timeout = ${lockMilliseconds}`;
  const transaction = async (client: PoolClient): Promise<T> => {
    await client.query(
      `BEGIN; SET LOCAL statement_timeout = ${milliseconds}; SET LOCAL idle_in_transaction_session_timeout = ${milliseconds}${locking}`,
    );
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  };
  return onConnection(pool, transaction, { milliseconds, signal });
}

/**
 * Runs work on one connection, outside of a transaction unless it begins one. If the work fails,
 * whatever it has begun is rolled back. The connection is dropped as described for {@link
 * inTransaction}.
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
