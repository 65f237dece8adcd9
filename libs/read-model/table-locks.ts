import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, type PoolClient } from 'pg';
import { type LockHolder, TablesBusyError } from './read-model.errors.js';

/**
 * A reader queues behind anyone who waits for an exclusive lock, so no wait for one is longer than
 * this.
 */
const WAIT_MILLISECONDS = 250;
/** How long to retry by default. */
const PATIENCE_MILLISECONDS = 60_000;
const FIRST_PAUSE_MILLISECONDS = 250;
const LONGEST_PAUSE_MILLISECONDS = 5_000;

/**
 * Exclusive locks on tables, for one transaction. Each is requested briefly and again after a
 * growing pause, in which readers pass. All share one minute by default. After that {@link
 * TablesBusyError} names the holders of the tables.
 */
export class TableLocks {
  private readonly deadline: number;

  constructor(
    readonly client: PoolClient,
    private readonly milliseconds = PATIENCE_MILLISECONDS,
  ) {
    this.deadline = Date.now() + milliseconds;
  }

  /** Locks those of these tables of the read model that exist, until the transaction ends. */
  async take(tables: readonly string[]): Promise<void> {
    const found = await this.existing(tables);
    if (found.length > 0) await this.run(lockStatement(found), found);
  }

  /** Makes sure that nobody holds these tables for long, without locking them. */
  async probe(tables: readonly string[]): Promise<void> {
    await this.client.query('SAVEPOINT probe');
    await this.take(tables);
    await this.client.query('ROLLBACK TO SAVEPOINT probe; RELEASE SAVEPOINT probe');
  }

  /**
   * Runs SQL that itself locks tables: these, or any of the read model. What it did before it had
   * to wait is undone.
   */
  async run(sql: string, tables?: readonly string[]): Promise<void> {
    let pause = FIRST_PAUSE_MILLISECONDS;
    for (let holders: readonly LockHolder[] = []; ;) {
      if (await this.attempt(sql, holders)) return;
      holders = await this.holdersOf(tables);
      const left = this.deadline - Date.now();
      if (left <= 0) throw new TablesBusyError(tables ?? ['read_model'], holders, this.milliseconds);
      await sleep(Math.min(pause, left));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    }
  }

  private async attempt(sql: string, holders: readonly LockHolder[]): Promise<boolean> {
    // PostgreSQL cancels its own vacuum for a session that has waited for its deadlock timeout.
    const isVacuumed = holders.length > 0 && holders.every(({ isServer }) => isServer);
    await this.client.query('SAVEPOINT attempt');
    await this.client.query(
      `SELECT set_config('lock_timeout', ($1 + CASE WHEN $2 THEN
         1000 * extract(epoch FROM current_setting('deadlock_timeout')::interval) ELSE 0 END)::integer::text, true)`,
      [WAIT_MILLISECONDS, isVacuumed],
    );
    try {
      await this.client.query(sql);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      await this.client.query('ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt');
      return false;
    }
    await this.client.query('SET LOCAL lock_timeout TO DEFAULT; RELEASE SAVEPOINT attempt');
    return true;
  }

  private async existing(tables: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.client.query<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, place)
       WHERE to_regclass('read_model.' || name) IS NOT NULL ORDER BY place`,
      [tables],
    );
    return rows.map(({ name }) => name);
  }

  /**
   * Those who have held one of these tables for longer than the wait, the oldest transaction first.
   */
  private async holdersOf(tables: readonly string[] | undefined): Promise<readonly LockHolder[]> {
    const { rows } = await this.client.query<LockHolder>(
      `SELECT lock.pid, activity.application_name AS application, activity.usesysid IS NULL AS "isServer",
              floor(extract(epoch FROM clock_timestamp() - activity.xact_start))::integer AS seconds
       FROM pg_locks lock
       JOIN pg_class class ON class.oid = lock.relation AND class.relnamespace = 'read_model'::regnamespace
       JOIN pg_stat_activity activity ON activity.pid = lock.pid AND activity.datname = current_database()
       WHERE lock.locktype = 'relation' AND lock.granted AND lock.pid <> pg_backend_pid()
         AND ($1::text[] IS NULL OR class.relname = ANY ($1))
         AND coalesce(activity.xact_start < clock_timestamp() - $2 * interval '1 ms', true)
       GROUP BY lock.pid, activity.application_name, activity.usesysid, activity.xact_start
       ORDER BY activity.xact_start LIMIT 10`,
      [tables, WAIT_MILLISECONDS],
    );
    return rows;
  }
}

function lockStatement(tables: readonly string[]): string {
  return `LOCK TABLE ${tables.map((name) => `read_model.${name}`).join(', ')} IN ACCESS EXCLUSIVE MODE`;
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '55P03';
}
