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

/** How far a view is with an entity. `revision` is -1 before its first event. */
export interface EntityFold {
  readonly stream: string;
  revision: number;
  /** Of the stream up to the revision, where it is known. */
  hash?: string | undefined;
  state: Json;
  isParked: boolean;
  isChanged: boolean;
  /** What the fold began with, where anything is stored. */
  readonly stored?: StoredState;
}

/** An entity that a view cannot fold further: the revision it failed at, and why. */
export interface ParkedEntity {
  readonly stream: string;
  readonly revision: number;
  readonly reason: string;
  /** Nothing failed there: too many events are missing for one transaction. */
  readonly isCatchingUp?: boolean;
}

/** Why an entity stands where nothing failed. */
export const CATCHING_UP = 'events that wait are being folded';

/** The most missing events that one fold reads, in all of its entities together, and the most characters of their data. */
const MOST_MISSING = { events: 2_000, characters: 4_000_000 };

/** Reads the events of a stream from one revision up to, and without, another. */
export type ReadMissing = (stream: string, from: number, before: number) => AsyncIterable<PublishedEvent>;

export interface BatchFoldOptions {
  readonly view: AnyView;
  readonly entities: ReadonlyMap<string, EntityFold>;
  /** What operators decided about single events. */
  readonly amendments: Amendments;
  readonly readMissing: ReadMissing;
}

/**
 * What a batch of events makes of a view, in memory: the last row of each key, the entities' new states, and what must be
 * parked. Repeated events count once; missing ones are read from the store.
 */
export class BatchFold {
  readonly rows = new Map<ViewTable, Map<string, StoredRow>>();
  readonly parked: ParkedEntity[] = [];
  /** Events that wait behind a parked one, and that one itself. */
  readonly queued: PublishedEvent[] = [];
  /** Events that were read from the store. */
  readonly missing: PublishedEvent[] = [];
  private missingCharacters = 0;

  constructor(private readonly options: BatchFoldOptions) {}

  get entities(): ReadonlyMap<string, EntityFold> {
    return this.options.entities;
  }

  /** Folds an event in. Throws only what reading missing events fails with while the store is away. */
  async add(event: PublishedEvent): Promise<void> {
    const entity = this.entities.get(event.stream);
    if (!entity || event.revision <= entity.revision) return;
    if (!entity.isParked && event.revision > entity.revision + 1)
      await this.addMissing(entity, event.revision);
    this.addNext(entity, event);
  }

  /** A fold that changes nothing but parks an entity at this event. */
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
    this.park(entity, expected, new MissingEventsError(`the store does not hold revision ${expected}`));
  }

  /** All that was read counts; whoever takes up what waits reads on from there. */
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

  /** Throws for an event that does not follow from those before it: nothing is folded that nobody can explain. */
  private project(entity: EntityFold, event: PublishedEvent): void {
    const { view, amendments } = this.options;
    const found = amended(event, amendments);
    // What an operator has looked at is not held up again.
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
    this.parked.push({ stream: entity.stream, revision, reason: String(error) });
  }
}

/** As it will stand in the table: whoever folds a stream to compare it with its rows must find the same. */
function storableRow(row: StoredRow): StoredRow {
  if (Object.values(row).every(isStorable)) return row;
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'string' ? storableText(value) : value,
    ]),
  );
}
