import type { Pool } from 'pg';
import { ProblemError } from '#libs/core/problem-error.js';
import { UnavailableError } from '#libs/core/problems.js';
import { inTransaction } from '#libs/read-model/transaction.js';
import { FirstUse } from '#libs/runtime/first-use.js';
import { ACKNOWLEDGE, BEAT, FORGET, GIVE, LIST, ORDERS, SCHEMA } from './process-registry.sql.js';
import { workerProblems } from './worker-problems.js';
import type { ListedProcess, Order, OrderVerb, ProcessReport } from './workers.schemas.js';

// Any number that no other lock of ours uses.
const LOCK = 7_203_118;

/** Which process reports, and since when. */
export interface ReportingProcess {
  /** Of one process only, and the same after a restart. */
  readonly id: string;
  readonly process: string;
  readonly service: string;
  /** New with each start. */
  readonly instance: string;
}

/** What a process reports, and how it is with the process as a whole. */
export interface Beat {
  readonly report: ProcessReport;
  /** Why the process ends or has ended badly. */
  readonly failure?: string | undefined;
  /** It ends after this. */
  readonly isLast?: boolean;
}

/** An order to a process. Without a worker, it is for all. */
export interface GivenOrder extends Pick<Order, 'worker' | 'operator'> {
  readonly verb: OrderVerb;
}

interface Row extends Pick<ListedProcess, 'id' | 'process' | 'service' | 'restarts'> {
  readonly instance: string;
  readonly report: ProcessReport;
  readonly started_at: Date;
  readonly heard_at: Date;
  readonly has_ended: boolean;
  readonly is_silent: boolean;
  readonly last_failure: { readonly at: string; readonly reason: string } | null;
  readonly acknowledged_at: Date | null;
}

interface OrderRow extends Pick<Order, 'operator' | 'process' | 'verb'> {
  readonly worker: string | null;
  readonly reason: string | null;
  readonly given_at: Date;
  readonly obeyed_at: Date | null;
}

type TakenRow = Pick<OrderRow, 'operator' | 'worker'> & Pick<GivenOrder, 'verb'>;

/**
 * The processes of all services that share a PostgreSQL: each reports every few seconds, and
 * fetches what operators want of it. A class, so that Nest can inject it.
 */
export class ProcessRegistry {
  private readonly tables: FirstUse;

  constructor(private readonly pool: Pool) {
    this.tables = new FirstUse(() => createTables(pool));
  }

  /** Writes what a process reports. Resolves to the orders that were given to it since. */
  async beat(
    { id, process, service, instance }: ReportingProcess,
    { report, failure, isLast = false }: Beat,
  ): Promise<readonly GivenOrder[]> {
    const values = [id, process, service, instance, JSON.stringify(report), failure ?? null, isLast];
    const taken = await this.query<TakenRow>(BEAT, values);
    return taken.map(({ worker, ...order }) => ({ ...order, ...(worker !== null && { worker }) }));
  }

  /** Deletes processes that have been silent for a day, and orders of three months ago. */
  async forget(): Promise<void> {
    for (const text of FORGET) await this.query(text, []);
  }

  /** The processes that have reported within the last hour. Throws `UnavailableError`. */
  async list(): Promise<readonly ListedProcess[]> {
    return (await this.asked<Row>(LIST, [])).map(toListed);
  }

  /** The latest orders, latest first. Throws `UnavailableError`. */
  async orders(): Promise<readonly Order[]> {
    return (await this.asked<OrderRow>(ORDERS, [])).map(toOrder);
  }

  /**
   * Gives an order to all running processes with this name or id. Resolves to their ids. Throws a
   * problem if there is none, or none has the worker.
   */
  async give(
    name: string,
    { verb, worker, operator, reason }: GivenOrder & Pick<Order, 'reason'>,
  ): Promise<readonly string[]> {
    const all = await this.asked<Row>(LIST, []);
    const named = all.filter(
      (row) => (row.process === name || row.id === name) && !row.has_ended && !row.is_silent,
    );
    if (named.length === 0) throw new ProblemError(workerProblems.processNotFound, name);
    const wanted = named.filter(
      ({ report }) => worker === undefined || report.workers.some((one) => one.worker === worker),
    );
    if (wanted.length === 0) throw new ProblemError(workerProblems.notFound, `${name} has no ${worker}`);
    const ids = wanted.map(({ id }) => id);
    const instances = wanted.map(({ instance }) => instance);
    await this.asked(GIVE, [ids, instances, verb, worker ?? null, operator, reason ?? null]);
    return ids;
  }

  /**
   * Notes that somebody has seen the failures of all processes with this name or id, and that they
   * are silent. Resolves to their ids. Throws a problem if there is none.
   */
  async acknowledge(name: string, { operator, reason }: Pick<Order, 'operator' | 'reason'>) {
    const rows = await this.asked<Pick<Row, 'id'>>(ACKNOWLEDGE, [name, operator, reason ?? null]);
    if (rows.length === 0) throw new ProblemError(workerProblems.processNotFound, name);
    return rows.map(({ id }) => id);
  }

  private async asked<T extends object>(text: string, values: readonly unknown[]): Promise<readonly T[]> {
    try {
      return await this.query<T>(text, values);
    } catch (error) {
      throw new UnavailableError('postgres', { cause: error });
    }
  }

  private query<T extends object>(text: string, values: readonly unknown[]): Promise<readonly T[]> {
    return this.tables.use(async () => (await this.pool.query<T>(text, [...values])).rows);
  }
}

function createTables(pool: Pool): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(SCHEMA);
  });
}

function toListed(row: Row): ListedProcess {
  const { id, process, service, restarts, report, started_at, heard_at, last_failure: lastFailure } = row;
  const isEnding = report.unready !== undefined;
  return {
    ...report,
    id,
    process,
    service,
    state: row.has_ended ? 'ended' : row.is_silent ? 'silent' : isEnding ? 'ending' : 'running',
    startedAt: started_at.toISOString(),
    heardAt: heard_at.toISOString(),
    restarts,
    ...(lastFailure && { lastFailure }),
    ...(row.acknowledged_at && { acknowledgedAt: row.acknowledged_at.toISOString() }),
  };
}

function toOrder({ given_at, obeyed_at, worker, reason, ...rest }: OrderRow): Order {
  return {
    ...rest,
    at: given_at.toISOString(),
    ...(worker !== null && { worker }),
    ...(reason !== null && { reason }),
    ...(obeyed_at && { obeyedAt: obeyed_at.toISOString() }),
  };
}
