import type { Pool, PoolClient } from 'pg';
import { TransactionTimeoutError } from './read-model.errors.js';

/** Longer than any batch takes; shorter than it takes a consumer to be thought dead twice. */
const TIMEOUT_MILLISECONDS = 30_000;

/**
 * Runs work in one transaction: committed when it resolves, rolled back when it rejects. A server that does not answer
 * for half a minute, or as long as is said, loses the connection ({@link TransactionTimeoutError}); whether a commit under way then happened is
 * not known.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { milliseconds = TIMEOUT_MILLISECONDS } = {},
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
  client.on('error', giveUp);
  const timer = setTimeout(
    () => giveUp(new TransactionTimeoutError('PostgreSQL does not answer')),
    milliseconds,
  );
  try {
    return await Promise.race([committed(client, work), given]);
  } catch (error) {
    if (!broken) await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    clearTimeout(timer);
    client.off('error', giveUp);
    client.release(broken);
  }
}

async function committed<T>(client: PoolClient, work: (client: PoolClient) => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  const result = await work(client);
  await client.query('COMMIT');
  return result;
}
