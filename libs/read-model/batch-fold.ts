import { errorText } from '#libs/core/error-text.js';
import type { Json } from '#libs/core/json.js';
import { upcast } from '#libs/core/upcast.js';
import { nextLink } from '#libs/event-store/event-hash.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { type Amendments, amended } from './parking/amendments.js';
import { MissingEventsError } from './read-model.errors.js';
import { isStorable, storableText } from './storable.js';
import type { StoredState } from './stored-state.js';
import {
  type AnyView,
  type Projected,
  type StoredRow,
  toStoredRow,
  type ViewTable,
  type ViewTables,
} from '#libs/core/view-definition.js';

/** The progress of a view with an entity. `revision` is -1 before the first event. */
export interface EntityFold {
  readonly stream: string;
  revision: number;
  /** The hash of the stream up to the revision, if known. */
  hash?: string | undefined;
  state: Json;
  isParked: boolean;
  isChanged: boolean;
  /** The stored state that the fold started from, if there is one. */
  readonly stored?: StoredState;
}

/** An entity that a view cannot fold further, with the revision that failed and the reason. */
export interface ParkedEntity {
  readonly stream: string;
  readonly revision: number;
  readonly reason: string;
  /** Nothing failed: more events are missing than fit in one transaction. */
  readonly isCatchingUp?: boolean;
}

/** The reason given for an entity of which nothing failed. */
export const CATCHING_UP = 'events that wait are being folded';

/** Limits on the missing events that one fold reads, over all of its entities. */
const MOST_MISSING = { events: 2_000, characters: 4_000_000 };

/** Reads the events of a stream from one revision up to another, exclusive. */
export type ReadMissing = (stream: string, from: number, before: number) => AsyncIterable<PublishedEvent>;

export interface BatchFoldOptions {
  readonly view: AnyView;
  readonly entities: ReadonlyMap<string, EntityFold>;
  /** The decisions of operators about single events. */
  readonly amendments: Amendments;
  readonly readMissing: ReadMissing;
}

/**
 * The effect of a batch of events on a view, in memory: the last row of each key, the entities' new
 * states, and entities to park. Repeated events count once; missing ones are read from the store.
 */
export class BatchFold {
  readonly rows = new Map<ViewTable, Map<string, StoredRow>>();
  readonly parked: ParkedEntity[] = [];
  /** The event at which an entity is parked, and those that wait behind it. */
  readonly queued: PublishedEvent[] = [];
  /** Events that were read from the store. */
  readonly missing: PublishedEvent[] = [];
  private missingCharacters = 0;

  constructor(private readonly options: BatchFoldOptions) {}

  get entities(): ReadonlyMap<string, EntityFold> {
    return this.options.entities;
  }

  /**
   * Folds an event. Throws only if missing events cannot be read because the store is unavailable.
   */
  async add(event: PublishedEvent): Promise<void> {
    const entity = this.entities.get(event.stream);
    if (!entity || event.revision <= entity.revision) return;
    if (!entity.isParked && event.revision > entity.revision + 1)
      await this.addMissing(entity, event.revision);
    this.addNext(entity, event);
  }

  /** A fold that only parks an entity at this event. */
  onlyParking(entity: ParkedEntity, event: PublishedEvent): BatchFold {
    const parking = new BatchFold({ ...this.options, entities: new Map() });
    parking.parked.push(entity);
    parking.queued.push(event);
    return parking;
  }

  private async addMissing(entity: EntityFold, before: number): Promise<void> {
    let expected = entity.revision + 1;
    const end = Math.min(before, expected + MOST_MISSING.events - this.missing.length);
    let isFull = this.missingCharacters >= MOST_MISSING.characters;
    if (isFull || end <= expected) return this.leaveBehind(entity, expected);
    for await (const missing of this.options.readMissing(entity.stream, expected, end)) {
      if (missing.revision !== expected) break;
      this.addNext(entity, missing);
      this.missing.push(missing);
      this.missingCharacters += JSON.stringify(missing.data).length;
      expected += 1;
      isFull = this.missingCharacters >= MOST_MISSING.characters;
      if (isFull) break;
    }
    if (expected >= before || entity.isParked) return;
    if (isFull || expected >= end) return this.leaveBehind(entity, expected);
    this.park(entity, expected, new MissingEventsError(`the store does not have revision ${expected}`));
  }

  /** Keeps what was read. The catch-up continues from there. */
  private leaveBehind(entity: EntityFold, revision: number): void {
    entity.isParked = true;
    this.parked.push({ stream: entity.stream, revision, reason: CATCHING_UP, isCatchingUp: true });
  }

  private addNext(entity: EntityFold, event: PublishedEvent): void {
    if (!entity.isParked) {
      try {
        this.project(entity, event);
        return;
      } catch (error) {
        this.park(entity, event.revision, error);
      }
    }
    this.queued.push(event);
  }

  /** Throws if the event's hash does not follow from the events before it. */
  private project(entity: EntityFold, event: PublishedEvent): void {
    const { view, amendments } = this.options;
    const found = amended(event, amendments);
    // An event that an operator has amended is not checked again.
    const hash = found === event ? nextLink(entity.hash, event, event.hash) : event.hash;
    const read = found && upcast<PublishedEvent>(view.upcasts, found, found.schemaVersion);
    const unchanged = { state: entity.state, rows: {} };
    const { state, rows } = (read ? view.project(entity.state, read) : unchanged) as Projected<
      Json,
      ViewTables
    >;
    entity.state = state;
    entity.revision = event.revision;
    entity.hash = hash;
    entity.isChanged = true;
    for (const [table, changed] of Object.entries(rows)) {
      for (const row of changed ?? []) this.put(table, row);
    }
  }

  private put(tableName: string, row: object): void {
    const table = (this.options.view.tables as Record<string, ViewTable>)[tableName];
    if (!table) return;
    const rows = this.rows.get(table) ?? new Map<string, StoredRow>();
    this.rows.set(table, rows);
    const held = storableRow(toStoredRow(table, row));
    rows.set(JSON.stringify(table.key.map((column) => held[column])), held);
  }

  private park(entity: EntityFold, revision: number, error: unknown): void {
    entity.isParked = true;
    this.parked.push({ stream: entity.stream, revision, reason: errorText(error) });
  }
}

/** The row as PostgreSQL stores it, so that a fold can be compared with the rows in the table. */
function storableRow(row: StoredRow): StoredRow {
  if (Object.values(row).every(isStorable)) return row;
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'string' ? storableText(value) : value,
    ]),
  );
}
