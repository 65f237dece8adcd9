import type pg from 'pg';
import { checkAppend, type EarlierEvents } from './append-check.js';
import { INSERT_EVENTS } from './schema.js';
import type { AppendRequest, AppendResult, StoredEvent } from './stored-event.js';

const TICKS_PER_MILLISECOND = 10_000n;

/** Appends that will be written by one statement, all or none. */
export class Commit {
  readonly rows: StoredEvent[] = [];
  /** Heads of the streams that this commit moves. */
  readonly moved = new Map<string, bigint>();

  constructor(
    private readonly client: pg.Client,
    /** Position of the last event, these included. */
    public head: bigint,
    private readonly heads: Map<string, bigint>,
  ) {}

  /** Whether a request can only be checked once the rows of this commit are written. */
  mustWait({ stream, expected }: AppendRequest): boolean {
    const head = this.moved.get(stream);
    if (head === undefined) return false;
    return typeof expected !== 'bigint' || expected !== head;
  }

  /** The result that the request will have once this is written. */
  async add(request: AppendRequest): Promise<AppendResult> {
    const { stream, events } = request;
    const revision = this.moved.get(stream) ?? (await this.headOf(stream));
    const checked = await checkAppend(request, { revision }, this.earlier(stream));
    if (checked !== 'write') return checked;
    const created = BigInt(Date.now()) * TICKS_PER_MILLISECOND;
    let last = revision;
    for (const event of events) {
      last += 1n;
      this.head += 1n;
      this.rows.push({ ...event, stream, revision: last, position: this.head, created });
    }
    this.moved.set(stream, last);
    return { kind: 'appended', revision: last, position: this.head };
  }

  async write(): Promise<void> {
    const { rows } = this;
    if (rows.length === 0) return;
    await this.client.query({
      name: 'insert-events',
      text: INSERT_EVENTS,
      values: [
        rows.map(({ position }) => position),
        rows.map(({ stream }) => stream),
        rows.map(({ revision }) => revision),
        rows.map(({ id }) => id),
        rows.map(({ type }) => type),
        rows.map(({ isJson }) => isJson),
        rows.map(({ data }) => Buffer.from(data)),
        rows.map(({ metadata }) => Buffer.from(metadata)),
        rows.map(({ created }) => created),
      ],
    });
  }

  private async headOf(stream: string): Promise<bigint> {
    const known = this.heads.get(stream);
    if (known !== undefined) return known;
    const { rows } = await this.client.query<{ revision: string | null }>({
      name: 'head-of-stream',
      text: 'select max(revision) as revision from event_store.events where stream = $1',
      values: [stream],
    });
    const head = BigInt(rows[0]?.revision ?? -1);
    this.heads.set(stream, head);
    return head;
  }

  private earlier(stream: string): EarlierEvents {
    const first = async (text: string, values: unknown[]): Promise<bigint | undefined> => {
      const { rows } = await this.client.query<{ value: string | null }>(text, values);
      const value = rows[0]?.value;
      return value === undefined || value === null ? undefined : BigInt(value);
    };
    return {
      idsFrom: async (revision, count) => {
        const { rows } = await this.client.query<{ id: string }>(
          'select id from event_store.events where stream = $1 and revision >= $2 order by revision limit $3',
          [stream, revision, count],
        );
        return rows.map(({ id }) => id);
      },
      lastRevisionOf: (id) =>
        first('select max(revision) as value from event_store.events where stream = $1 and id = $2', [
          stream,
          id,
        ]),
      positionOf: (revision) =>
        first('select position as value from event_store.events where stream = $1 and revision = $2', [
          stream,
          revision,
        ]),
    };
  }
}
