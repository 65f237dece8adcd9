import pg from 'pg';
import type { Logger } from '#libs/runtime/logger.js';
import { int8Array, textArray } from './binary-array.js';
import { type EventFilter, filterSql } from './event-filter.js';
import { EVENT_ROWS, EVENT_COLUMNS, type EventRow, toStoredEvent } from './event-row.js';
import { StorageUnavailableError } from './event-store-server.errors.js';
import { invalidRequest } from './request.errors.js';
import { sessionConfig } from './session.js';
import type { StoredEvent } from './stored-event.js';
import type { StreamState } from './stream-state.js';
import { readStates } from './stream-states.js';

/** Rows are fetched up to this size, so that a page of the largest events still fits in memory. */
const PAGE_BYTES = 2 * 1024 * 1024;
/** PostgreSQL's error class for invalid data, such as an invalid regular expression. */
const INVALID_DATA = /^22/;

/** Some events in order, and whether there are no more for now. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly isEnd: boolean;
}

/** An event of `$all`, or undefined if the filter excludes it. */
export interface Scanned {
  readonly position: bigint;
  readonly event: StoredEvent | undefined;
}

export interface StreamQuery {
  readonly stream: string;
  /** The first revision to read, in the direction of reading. */
  readonly from: bigint;
  readonly isBackwards: boolean;
  readonly limit: number;
  /** Only revisions from this one on. */
  readonly lowest: bigint;
  /** Only events that are at least this recent. */
  readonly createdFrom: bigint | undefined;
}

export interface AllQuery {
  /** Forwards, events at or after this position; backwards, those before it. */
  readonly from: bigint;
  /** No event after this position. */
  readonly head: bigint;
  readonly isBackwards: boolean;
  readonly limit: number;
  readonly filter: EventFilter | undefined;
}

/** Reads pages of events. Throws `StorageUnavailableError` if the database does not respond. */
export class LogReader {
  private readonly pool: pg.Pool;

  constructor(
    databaseUrl: string,
    private readonly logger: Logger,
  ) {
    this.pool = new pg.Pool({ ...sessionConfig(databaseUrl), max: 8 });
    // An idle connection that ends is replaced at the next query.
    this.pool.on('error', () => undefined);
  }

  async stream(query: StreamQuery): Promise<Page<StoredEvent>> {
    const { stream, from, isBackwards, limit, lowest, createdFrom } = query;
    const [compare, order] = isBackwards ? ['<=', 'desc'] : ['>=', 'asc'];
    const rows = await this.query<EventRow>(
      `stream-${order}`,
      `select ${EVENT_COLUMNS} from (
         select *, ${bytesBefore(`revision ${order}`)} from (
           select *, true as is_wanted from event_store.events
           where stream = $1 and revision ${compare} $2 and revision >= $3 and created >= $4
           order by revision ${order} limit $5
         ) as page
       ) as measured where bytes_before < ${PAGE_BYTES} order by revision ${order}`,
      [stream, from, lowest, createdFrom ?? 0n, limit],
    );
    return { items: rows.map(toStoredEvent), isEnd: isEnd(rows, limit) };
  }

  /**
   * Each event of `$all` is an item, including those that the filter excludes, which cost only
   * their position.
   */
  async all({ from, head, isBackwards, limit, filter }: AllQuery): Promise<Page<Scanned>> {
    const [compare, order] = isBackwards ? ['<', 'desc'] : ['>=', 'asc'];
    const { kind, sql, values } = filterSql(filter, '$4');
    const rows = await this.query<EventRow | [bigint]>(
      `all-${order}-${kind}`,
      `select ${WANTED_COLUMNS} from (
         select *, ${bytesBefore(`position ${order}`)} from (
           select *, ${sql} as is_wanted from event_store.events
           where position ${compare} $1 and position <= $2
           order by position ${order} limit $3
         ) as page
       ) as measured where bytes_before < ${PAGE_BYTES} order by position ${order}`,
      [from, head, limit, ...values],
    );
    const items = rows.map((row) => ({
      position: row[0],
      event: row[1] === null ? undefined : toStoredEvent(row as EventRow),
    }));
    return { items, isEnd: isEnd(rows, limit) };
  }

  /** The existing events among these. */
  async events(keys: readonly { stream: string; revision: bigint }[]): Promise<StoredEvent[]> {
    const rows = await this.query<EventRow>(
      'events',
      `select ${EVENT_COLUMNS} from unnest($1::text[], $2::bigint[]) as wanted (stream, revision)
       join event_store.events using (stream, revision)`,
      [textArray(keys.map(({ stream }) => stream)), int8Array(keys.map(({ revision }) => revision))],
    );
    return rows.map(toStoredEvent);
  }

  async states(keys: readonly string[]): Promise<Map<string, StreamState>> {
    return this.orUnavailable(readStates(this.pool, keys));
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async query<Row extends readonly unknown[]>(
    name: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    const { rows } = await this.orUnavailable(this.pool.query({ name, text, values, ...EVENT_ROWS }));
    return rows as unknown as Row[];
  }

  private async orUnavailable<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      const { code = '', message } = error as Partial<pg.DatabaseError> & Error;
      if (INVALID_DATA.test(code)) throw invalidRequest(message);
      this.logger.warn({ err: error }, 'the database did not respond to a read');
      throw new StorageUnavailableError('the database did not respond', { cause: error });
    }
  }
}

const bytesBefore = (order: string): string =>
  `coalesce(sum(case when is_wanted then octet_length(data) + octet_length(metadata) end)
     over (order by ${order} rows between unbounded preceding and 1 preceding), 0) as bytes_before`;

const WANTED_COLUMNS = EVENT_COLUMNS.split(', ')
  .map((column) => (column === 'position' ? column : `case when is_wanted then ${column} end`))
  .join(', ');

function isEnd(rows: readonly (EventRow | [bigint])[], limit: number): boolean {
  if (rows.length === limit) return false;
  const bytes = rows.reduce(
    (sum, [, , , , , , data, metadata]) => sum + (data?.length ?? 0) + (metadata?.length ?? 0),
    0,
  );
  return bytes < PAGE_BYTES;
}
