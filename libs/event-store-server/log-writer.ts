import pg from 'pg';
import type { Logger } from '#libs/observability/logger.js';
import { Commit } from './commit.js';
import { EventStoreServerError, StorageUnavailableError } from './event-store-server.errors.js';
import { SCHEMA, WRITER_LOCK } from './schema.js';
import type { AppendRequest, AppendResult } from './stored-event.js';

const MAX_EVENTS_PER_COMMIT = 2_000;
const MAX_KNOWN_HEADS = 100_000;
const RECONNECT_PAUSE_MILLISECONDS = 250;

interface Waiting {
  readonly request: AppendRequest;
  resolve(result: AppendResult): void;
  reject(error: Error): void;
}

/**
 * The one writer. Appends that wait together share a statement, and so a commit; each is checked against the stream as it
 * will stand then. An append is acknowledged after the commit, never before.
 */
export class LogWriter {
  /** Position of the last committed event; 0 when there is none. */
  head = 0n;
  private client: pg.Client | undefined;
  private readonly queue: Waiting[] = [];
  private readonly heads = new Map<string, bigint>();
  private isBusy = false;
  private isClosed = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly logger: Logger,
    private readonly onAppended: () => void,
  ) {}

  get isConnected(): boolean {
    return this.client !== undefined;
  }

  /** Connects and takes the writer's lock. Throws `EventStoreServerError` when another server holds it. */
  async open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      application_name: 'perdure-event-store',
    });
    client.on('error', (error) => this.lose(client, error));
    await client.connect();
    try {
      this.head = await takeOver(client);
    } catch (error) {
      await client.end();
      throw error;
    }
    this.heads.clear();
    this.client = client;
    this.onAppended();
  }

  append(request: AppendRequest): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.queue.push({ request, resolve, reject });
      if (!this.isBusy) void this.drain();
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.client?.end();
  }

  private async drain(): Promise<void> {
    this.isBusy = true;
    while (this.queue.length > 0) {
      if (this.client) await this.writeNext(this.client);
      else reject(this.queue.splice(0), new StorageUnavailableError('the database is away'));
    }
    this.isBusy = false;
  }

  private async writeNext(client: pg.Client): Promise<void> {
    const commit = new Commit(client, this.head, this.heads);
    const taken: Waiting[] = [];
    const results: AppendResult[] = [];
    try {
      while (this.queue[0] && commit.rows.length < MAX_EVENTS_PER_COMMIT) {
        if (commit.mustWait(this.queue[0].request)) break;
        const next = this.queue.shift() as Waiting;
        taken.push(next);
        results.push(await commit.add(next.request));
      }
      await commit.write();
    } catch (error) {
      // Whether the statement was committed is unknown; what the database holds is read anew before the next append.
      reject(taken, new StorageUnavailableError('the database did not answer', { cause: error }));
      this.lose(client, error as Error);
      return;
    }
    this.head = commit.head;
    if (this.heads.size > MAX_KNOWN_HEADS) this.heads.clear();
    for (const [stream, revision] of commit.moved) this.heads.set(stream, revision);
    taken.forEach(({ resolve }, index) => resolve(results[index] as AppendResult));
    if (commit.rows.length > 0) this.onAppended();
  }

  private lose(client: pg.Client, error: Error): void {
    if (this.client !== client) return;
    this.client = undefined;
    client.end().catch(() => undefined);
    if (this.isClosed) return;
    this.logger.warn({ err: error }, 'the database is away');
    void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    while (!this.isClosed && !this.client) {
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_PAUSE_MILLISECONDS));
      await this.open().then(
        () => this.logger.info('the database is back'),
        (error: unknown) => this.logger.debug({ err: error }, 'the database is still away'),
      );
    }
  }
}

function reject(waiting: readonly Waiting[], error: Error): void {
  for (const one of waiting) one.reject(error);
}

/** Takes the lock, makes sure of the schema and answers the position of the last event. */
async function takeOver(client: pg.Client): Promise<bigint> {
  const lock = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [
    ...WRITER_LOCK,
  ]);
  if (!lock.rows[0]?.taken) {
    throw new EventStoreServerError('another event store server works on this database');
  }
  await client.query(SCHEMA);
  const last = await client.query<{ position: string | null }>(
    'select max(position) as position from event_store.events',
  );
  return BigInt(last.rows[0]?.position ?? 0);
}
