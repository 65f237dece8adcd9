import pg from 'pg';
import { StorageUnavailableError } from './event-store-server.errors.js';
import type { StoredEvent } from './stored-event.js';

const COLUMNS = 'position, stream, revision, id, type, is_json, data, metadata, created';

interface Row {
  readonly position: string;
  readonly stream: string;
  readonly revision: string;
  readonly id: string;
  readonly type: string;
  readonly is_json: boolean;
  readonly data: Buffer;
  readonly metadata: Buffer;
  readonly created: string;
}

/** Which events of `$all` are wanted: by the start of a name, or by a regular expression over it. */
export interface EventFilter {
  readonly on: 'stream' | 'type';
  readonly prefixes: readonly string[];
  readonly regex: string | undefined;
}

/** Reads pages of events. Throws `StorageUnavailableError` when the database does not answer. */
export class LogReader {
  private readonly pool: pg.Pool;

  constructor(databaseUrl: string) {
    this.pool = new pg.Pool({
      connectionString: databaseUrl,
      max: 8,
      application_name: 'perdure-event-store',
    });
    this.pool.on('error', () => undefined); // an idle connection that ends is replaced at the next query
  }

  /** Up to `limit` events of a stream from `from` (inclusive) on. */
  async stream(stream: string, from: bigint, limit: number, isBackwards: boolean): Promise<StoredEvent[]> {
    const [compare, order] = isBackwards ? ['<=', 'desc'] : ['>=', 'asc'];
    return this.query(
      `select ${COLUMNS} from event_store.events
       where stream = $1 and revision ${compare} $2 order by revision ${order} limit $3`,
      [stream, from, limit],
    );
  }

  /** Up to `limit` events of `$all` up to `head`: forwards those at or after `from`, backwards those before it. */
  async all(
    from: bigint,
    head: bigint,
    limit: number,
    isBackwards: boolean,
    filter?: EventFilter,
  ): Promise<StoredEvent[]> {
    const [compare, order] = isBackwards ? ['<', 'desc'] : ['>=', 'asc'];
    const values: unknown[] = [from, head, limit];
    return this.query(
      `select ${COLUMNS} from event_store.events
       where position ${compare} $1 and position <= $2 ${filterSql(filter, values)}
       order by position ${order} limit $3`,
      values,
    );
  }

  async exists(stream: string): Promise<boolean> {
    return (await this.stream(stream, 0n, 1, false)).length > 0;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async query(text: string, values: unknown[]): Promise<StoredEvent[]> {
    try {
      const { rows } = await this.pool.query<Row>(text, values);
      return rows.map(toStoredEvent);
    } catch (error) {
      throw new StorageUnavailableError('the database did not answer', { cause: error });
    }
  }
}

function filterSql(filter: EventFilter | undefined, values: unknown[]): string {
  if (!filter) return '';
  const column = filter.on === 'stream' ? 'stream' : 'type';
  if (filter.regex !== undefined) {
    values.push(filter.regex);
    return `and ${column} ~ $${values.length}`;
  }
  values.push(filter.prefixes);
  return `and exists (select from unnest($${values.length}::text[]) prefix where starts_with(${column}, prefix))`;
}

function toStoredEvent(row: Row): StoredEvent {
  return {
    position: BigInt(row.position),
    stream: row.stream,
    revision: BigInt(row.revision),
    id: row.id,
    type: row.type,
    isJson: row.is_json,
    data: row.data,
    metadata: row.metadata,
    created: BigInt(row.created),
  };
}
