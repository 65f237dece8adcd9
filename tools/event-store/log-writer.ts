import pg from 'pg';
import type { Logger } from '#libs/runtime/logger.js';
import { Commit, type Row } from './commit.js';
import { EventStoreServerError, StorageUnavailableError } from './event-store-server.errors.js';
import { AppendTimeoutError, invalidRequest } from './request.errors.js';
import { SCHEMA, WRITER_LOCK } from './schema.js';
import { sessionConfig } from './session.js';
import { POSITION_STEP } from './stored-event.js';
import { stateKeyOf } from './stream-state.js';
import { StreamStates } from './stream-states.js';
import type { WriteRequest, WriteResult } from './write-request.js';

const MAX_EVENTS_PER_COMMIT = 2_000;
const MAX_BYTES_PER_COMMIT = 8 * 1024 * 1024;
const RECONNECT_PAUSE_MILLISECONDS = 250;
/** How long a remainder of our own connection may hold the lock. */
const USURPED_MILLISECONDS = 10_000;
/**
 * PostgreSQL's error classes for statements that can never succeed: invalid data, or exceeded
 * limits.
 */
const REFUSED = /^(22|54)/;

interface Waiting {
  readonly request: WriteRequest;
  resolve(result: WriteResult): void;
  reject(error: Error): void;
}

/** Receives what happens to the log. */
export interface LogListeners {
  /**
   * Called with the events of each commit, or with none if the log may have changed in an unknown
   * way.
   */
  onCommitted(events?: readonly Row[]): void;
  /** Another server has taken over the database. */
  onUsurped(error: EventStoreServerError): void;
}

/**
 * The single writer. Writes that wait together share one statement, and so one commit. Each is
 * checked against the state that the stream will have by then. A write is acknowledged after the
 * commit, never before.
 */
export class LogWriter {
  /** Position of the last committed event, or 0 if there is none. */
  head = 0n;
  readonly states = new StreamStates();
  private client: pg.Client | undefined;
  private queue: Waiting[] = [];
  private isBusy = false;
  private isClosed = false;
  private isCareful = false;
  /**
   * This many writes at the head of the queue were refused together. They are retried one by one to
   * find the one at fault.
   */
  private suspects = 0;

  constructor(
    private readonly databaseUrl: string,
    private readonly logger: Logger,
    private readonly listeners: LogListeners,
  ) {}

  get isConnected(): boolean {
    return this.client !== undefined;
  }

  /**
   * Connects and takes the writer's lock. Throws `EventStoreServerError` if another server holds
   * it.
   */
  async open(): Promise<void> {
    const client = new pg.Client(sessionConfig(this.databaseUrl));
    client.on('error', (error) => this.lose(client, error));
    try {
      await client.connect();
      this.head = await takeOver(client);
    } catch (error) {
      await client.end();
      throw error;
    }
    this.states.clear();
    this.client = client;
    this.listeners.onCommitted();
  }

  write(request: WriteRequest): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.queue.push({ request, resolve, reject });
      if (this.isBusy) return;
      this.isBusy = true;
      // Deferred, so that requests that arrived in the same chunk of the connection are written
      // together.
      setImmediate(() => void this.drain());
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.client?.end();
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      this.refuseExpired();
      if (this.client) await this.writeNext(this.client);
      else reject(this.queue.splice(0), new StorageUnavailableError('the database is unavailable'));
    }
    this.isBusy = false;
  }

  private async writeNext(client: pg.Client): Promise<void> {
    const commit = new Commit(client, this.head, this.states, this.isCareful);
    const results: WriteResult[] = [];
    // Requests that arrive from now on wait for the next commit, since the states that they need
    // are not loaded.
    const waiting = this.queue.slice(0, this.suspects > 0 ? 1 : MAX_EVENTS_PER_COMMIT);
    let isWritten: boolean;
    try {
      await this.states.load(
        client,
        waiting.map(({ request }) => stateKeyOf(request.stream)),
      );
      for (const { request } of waiting) {
        if (isFull(commit) || commit.mustWait(request)) break;
        const result = commit.add(request);
        results.push(result instanceof Promise ? await result : result);
      }
      isWritten = await commit.write();
    } catch (error) {
      if (REFUSED.test((error as Partial<pg.DatabaseError>).code ?? '')) {
        this.refuse(waiting, error as Error);
        return;
      }
      // It is unknown whether the statement was committed, so the states are read again before the
      // next write.
      reject(
        this.take(Math.max(results.length, 1)),
        new StorageUnavailableError('the database did not respond', { cause: error }),
      );
      this.lose(client, error as Error);
      return;
    }
    this.isCareful = !isWritten;
    if (isWritten) this.settle(commit, results);
  }

  /** Nothing was written, and the database is available. */
  private refuse(waiting: readonly Waiting[], error: Error): void {
    if (waiting.length > 1) {
      this.suspects = waiting.length;
      return;
    }
    this.logger.warn({ err: error }, 'the database refuses a write');
    reject(this.take(1), invalidRequest(`the database refused the write: ${error.message}`));
  }

  /** Refuses requests whose deadline has passed. */
  private refuseExpired(): void {
    const now = Date.now();
    const isExpired = ({ request }: Waiting): boolean =>
      request.kind === 'append' && request.deadline !== undefined && request.deadline <= now;
    if (!this.queue.some(isExpired)) return;
    reject(this.queue.filter(isExpired), new AppendTimeoutError('its deadline has passed'));
    this.queue = this.queue.filter((waiting) => !isExpired(waiting));
  }

  /** Removes the first requests of the queue, which are completed. */
  private take(count: number): Waiting[] {
    this.suspects = Math.max(0, this.suspects - count);
    return this.queue.splice(0, count);
  }

  private settle(commit: Commit, results: readonly WriteResult[]): void {
    this.head = commit.head;
    this.states.put(commit.moved);
    const taken = this.take(results.length);
    taken.forEach(({ resolve }, index) => resolve(results[index] as WriteResult));
    if (commit.rows.length > 0) this.listeners.onCommitted(commit.rows);
  }

  private lose(client: pg.Client, error: Error): void {
    if (this.client !== client) return;
    this.client = undefined;
    this.states.clear(); // another server may write from now on
    client.end().catch(() => undefined);
    if (this.isClosed) return;
    this.logger.warn({ err: error }, 'the database is unavailable');
    void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    let heldSince: number | undefined;
    while (!this.isClosed && !this.client) {
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_PAUSE_MILLISECONDS));
      try {
        await this.open();
        this.logger.info('the database is available again');
      } catch (error) {
        this.logger.debug({ err: error }, 'the database is still unavailable');
        heldSince = error instanceof EventStoreServerError ? (heldSince ?? Date.now()) : undefined;
        if (heldSince === undefined || Date.now() - heldSince < USURPED_MILLISECONDS) continue;
        this.listeners.onUsurped(error as EventStoreServerError);
        return;
      }
    }
  }
}

const isFull = ({ rows, bytes }: Commit): boolean =>
  rows.length >= MAX_EVENTS_PER_COMMIT || bytes >= MAX_BYTES_PER_COMMIT;

function reject(waiting: readonly Waiting[], error: Error): void {
  for (const one of waiting) one.reject(error);
}

/**
 * Takes the lock, creates missing parts of the schema, and returns the position of the last event.
 */
async function takeOver(client: pg.Client): Promise<bigint> {
  const lock = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [
    ...WRITER_LOCK,
  ]);
  if (!lock.rows[0]?.taken) {
    throw new EventStoreServerError('another event store server is using this database');
  }
  await assertFit(client);
  await client.query(SCHEMA);
  const last = await client.query<{ position: string | null }>(
    'select max(position) as position from event_store.events',
  );
  const position = BigInt(last.rows[0]?.position ?? 0);
  // Events written by an earlier version may not be at a multiple of the step.
  return ((position + POSITION_STEP - 1n) / POSITION_STEP) * POSITION_STEP;
}

/** The server's guarantees depend on these settings, which a session cannot change. */
async function assertFit(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ setting: string }>(
    `select name || ' is ' || setting as setting from pg_settings
     where (name, setting) in (('fsync', 'off'), ('full_page_writes', 'off'))
        or name = 'server_encoding' and setting <> 'UTF8'`,
  );
  if (rows.length === 0) return;
  const settings = rows.map(({ setting }) => setting).join(', ');
  throw new EventStoreServerError(`the database is not durable enough for events: ${settings}`);
}
