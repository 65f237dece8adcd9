import { randomUUID } from 'node:crypto';
import { boolArray, byteaArray, int8Array, textArray, uuidArray } from './binary-array.js';
import {
  EVENTS_FROM,
  INSERT_EVENTS,
  INSERT_EVENTS_UNLESS_REPEATED,
  insertOneByOne,
  LAST_REVISION_OF_ID,
} from './schema.js';
import {
  DELETED_METADATA,
  isMetadataStream,
  metadataStreamOf,
  withTruncateBefore,
} from './stream-metadata.js';
import {
  LAST_REVISION,
  METADATA_TYPE,
  NO_REVISION,
  NOTHING,
  POSITION_STEP,
  type ProposedEvent,
  TOMBSTONE_TYPE,
} from './stored-event.js';
import {
  stateKeyOf,
  streamState,
  type StreamState,
  type StreamView,
  toTicks,
  viewOf,
} from './stream-state.js';
import type { Queryable, StreamStates } from './stream-states.js';
import { checkAppend, checkDelete, type EarlierEvents } from './write-check.js';
import type { AppendRequest, DeleteRequest, WriteRequest, WriteResult } from './write-request.js';

/** An event with its position and revision. */
export interface Row {
  readonly event: ProposedEvent;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
}

/** Writes that will be made by one statement, all or none. */
export class Commit {
  readonly rows: Row[] = [];
  /** The future states of the streams that this commit changes. */
  readonly moved = new Map<string, StreamState>();
  /** Of the rows. */
  bytes = 0;
  private readonly ids = new Set<string>();
  private readonly takenAsNew: { stream: string; id: string }[] = [];
  private readonly created = toTicks(Date.now());

  constructor(
    private readonly database: Queryable,
    /** Position of the last event, including those in this commit. */
    public head: bigint,
    private readonly states: StreamStates,
    /** Whether to look for duplicates first. Otherwise `write` detects them. */
    private readonly isCareful: boolean,
  ) {}

  /** Whether a request can only be checked after the rows of this commit are written. */
  mustWait(request: WriteRequest): boolean {
    if (!this.moved.has(stateKeyOf(request.stream)) || request.kind !== 'append') return false;
    const { expected, events, stream } = request;
    if (expected === 'any' || expected === 'stream_exists') return this.ids.has(events[0]?.id ?? '');
    return this.viewOf(stream).revision !== (expected === 'no_stream' ? NO_REVISION : expected);
  }

  /** The result of the request once this commit is written. */
  add(request: WriteRequest): WriteResult | Promise<WriteResult> {
    const view = this.viewOf(request.stream);
    if (request.kind !== 'append') {
      const checked = checkDelete(request, view);
      return checked === 'write' ? this.delete(request) : checked;
    }
    const settle = (checked: WriteResult | 'write'): WriteResult =>
      checked === 'write' ? this.append(request, view) : checked;
    const checked = checkAppend(request, view, this.earlier(request.stream, view.revision));
    return checked instanceof Promise ? checked.then(settle) : settle(checked);
  }

  /**
   * Returns false if nothing was written because there was a duplicate. The same requests must then
   * be added to a careful commit.
   */
  async write(): Promise<boolean> {
    const { rows, takenAsNew } = this;
    if (rows.length === 0) return true;
    if (takenAsNew.length === 0) {
      await this.insert();
      return true;
    }
    const { rowCount } = await this.database.query(INSERT_EVENTS_UNLESS_REPEATED, [
      ...this.columns(),
      textArray(takenAsNew.map(({ stream }) => stream)),
      uuidArray(takenAsNew.map(({ id }) => id)),
    ]);
    return rowCount === rows.length;
  }

  private insert(): Promise<unknown> {
    const oneByOne = insertOneByOne(this.rows.length);
    if (!oneByOne) return this.database.query(INSERT_EVENTS, this.columns());
    const values = this.rows.flatMap((row) => this.valuesOf(row));
    return this.database.query(oneByOne, values);
  }

  private valuesOf({ event, stream, revision, position }: Row): unknown[] {
    const { id, type, isJson, data, metadata } = event;
    return [position, stream, revision, id, type, isJson, data, metadata, this.created];
  }

  private columns(): Buffer[] {
    const { rows } = this;
    return [
      int8Array(rows.map(({ position }) => position)),
      textArray(rows.map(({ stream }) => stream)),
      int8Array(rows.map(({ revision }) => revision)),
      uuidArray(rows.map(({ event }) => event.id)),
      textArray(rows.map(({ event }) => event.type)),
      boolArray(rows.map(({ event }) => event.isJson)),
      byteaArray(rows.map(({ event }) => event.data)),
      byteaArray(rows.map(({ event }) => event.metadata)),
      int8Array(rows.map(() => this.created)),
    ];
  }

  private append({ stream, events }: AppendRequest, { revision, isDeleted }: StreamView): WriteResult {
    const key = stateKeyOf(stream);
    const { metadata } = this.stateOf(key);
    this.push(stream, revision + 1n, events);
    const last = revision + BigInt(events.length);
    const result: WriteResult = { kind: 'written', revision: last, position: this.head };
    // A write to a deleted stream, even of its metadata only, brings it back from the next revision
    // on.
    const isBack = isDeleted || (isMetadataStream(stream) && metadata.truncateBefore === LAST_REVISION);
    if (isBack) {
      const from = isDeleted ? revision + 1n : this.stateOf(key).revision + 1n;
      this.pushMetadata(key, withTruncateBefore(this.stateOf(key).rawMetadata, from));
    }
    return result;
  }

  private delete({ kind, stream }: DeleteRequest): WriteResult {
    if (kind === 'tombstone') {
      const tombstone = { id: randomUUID(), type: TOMBSTONE_TYPE, isJson: false };
      this.push(stream, LAST_REVISION, [{ ...tombstone, data: NOTHING, metadata: NOTHING }]);
    } else {
      this.pushMetadata(stream, DELETED_METADATA);
    }
    return { kind: 'written', revision: LAST_REVISION, position: this.head };
  }

  private pushMetadata(stream: string, data: Buffer): void {
    const metadataStream = metadataStreamOf(stream);
    const revision = this.viewOf(metadataStream).revision + 1n;
    const event = { id: randomUUID(), type: METADATA_TYPE, isJson: true };
    this.push(metadataStream, revision, [{ ...event, data, metadata: NOTHING }]);
  }

  private push(stream: string, first: bigint, events: readonly ProposedEvent[]): void {
    let revision = first - 1n;
    for (const event of events) {
      revision += 1n;
      this.head += POSITION_STEP;
      this.rows.push({ event, stream, revision, position: this.head });
      this.ids.add(event.id);
      this.bytes += event.data.length + event.metadata.length;
    }
    const key = stateKeyOf(stream);
    const state = this.stateOf(key);
    const last = events.at(-1);
    // A copy: the state outlives the message that contains the data.
    this.moved.set(
      key,
      isMetadataStream(stream)
        ? streamState(state.revision, revision, last?.isJson ? Buffer.from(last.data) : undefined)
        : { ...state, revision },
    );
  }

  private viewOf(stream: string) {
    return viewOf(stream, this.stateOf(stateKeyOf(stream)));
  }

  private stateOf(key: string): StreamState {
    return this.moved.get(key) ?? this.states.get(key);
  }

  private earlier(stream: string, revision: bigint): EarlierEvents {
    return {
      from: async (first, count) => {
        const values = [stream, first, first + BigInt(count)];
        const { rows } = await this.database.query(EVENTS_FROM, values);
        return (rows as { id: string; position: string }[]).map(({ id, position }) => ({
          id,
          position: BigInt(position),
        }));
      },
      lastRevisionOf: (id) => {
        if (revision === NO_REVISION) return undefined;
        if (this.isCareful) return this.lastRevisionOf(stream, id);
        this.takenAsNew.push({ stream, id });
        return undefined;
      },
    };
  }

  private async lastRevisionOf(stream: string, id: string): Promise<bigint | undefined> {
    const { rows } = await this.database.query(LAST_REVISION_OF_ID, [id, stream]);
    const [row] = rows as { revision: string | null }[];
    return typeof row?.revision === 'string' ? BigInt(row.revision) : undefined;
  }
}
