import type { DomainEvent } from './decider.js';
import type { Upcasts } from './upcast.js';
import type { PublishedEvent } from './published-event.js';

/** The types that a column may have, with the type of its values in a row. */
interface ColumnValues {
  /** Text in byte order (`COLLATE "C"`), for keys and for whatever a list is ordered by. */
  readonly id: string;
  readonly text: string;
  readonly bigint: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly timestamptz: string;
}

/** The type of a column; a question mark makes it nullable. */
export type ColumnType = keyof ColumnValues | `${keyof ColumnValues}?`;

/** The type of a column's values. */
export type ColumnValue<C extends ColumnType> = C extends `${infer T extends keyof ColumnValues}?`
  ? ColumnValues[T] | null | undefined
  : C extends keyof ColumnValues
    ? ColumnValues[C]
    : never;

/**
 * A table of a view. It is declared with `viewTable`; `Row` is a row as the projection returns it.
 */
export interface ViewTable<Row extends object = object> {
  readonly name: string;
  /** The columns of the primary key. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** For each column, the field of a row that it stores. */
  readonly fields: Readonly<Record<string, string>>;
  /**
   * The column that identifies the entity a row belongs to: its id (together with `tenant`), or
   * `stream`. Without it, the table's rows are not compared with their streams.
   */
  readonly owner?: string | undefined;
  /** The column with the category of that entity, in a table that several categories share. */
  readonly category?: string | undefined;
  /** Columns whose values do not follow from the stream alone. They are not compared with it. */
  readonly unproven?: readonly string[] | undefined;
  /**
   * Indexes, each written as PostgreSQL prints it after `USING`: `btree (tenant, status, id)`. An
   * index that an existing table lacks is built while the table is in use, so it needs no new
   * version of the view.
   */
  readonly indexes?: readonly string[] | undefined;
  /** Columns that no projection writes, as SQL. */
  readonly otherColumns?: readonly string[] | undefined;
  /** The percentage to which pages are filled; the rest is for updated rows. */
  readonly fillfactor?: number | undefined;
  /** Never set: it carries the type of a row. */
  readonly Row?: Row;
}

/**
 * The rows of a shared table that belong to one view: by the value of a column, or by its prefix.
 */
export interface RowScope {
  readonly column: string;
  readonly is: 'equal' | 'prefix';
  readonly value: string;
}

/** A row of a table, as a projection returns it. */
export type RowOf<T extends ViewTable> = T extends ViewTable<infer Row> ? Row : never;

export type ViewTables = Readonly<Record<string, ViewTable>>;

/**
 * The effect of an event on a view: the entity's next state, and rows to insert or to replace by
 * their key.
 */
export interface Projected<State, Tables extends ViewTables> {
  readonly state: State;
  readonly rows: { readonly [T in keyof Tables]?: readonly RowOf<Tables[T]>[] };
}

/**
 * A view as pure parts. `project` folds the events of one entity, in order and each once, into a
 * state (plain JSON, stored next to the rows) and the rows that change. An event that it does not
 * know must leave the state as it is; an event for which it throws parks its entity in this view.
 * It must not modify the state it is given, because only the difference is stored.
 */
export interface ViewDefinition<
  State,
  E extends DomainEvent = DomainEvent,
  Tables extends ViewTables = ViewTables,
> {
  /** `accounts`: part of the consumer group's name. */
  readonly name: string;
  /**
   * Raise it whenever `project` or a column changes. A new version has its own tables and is filled
   * from the start.
   */
  readonly version: number;
  /** The category of the entities whose events it folds. */
  readonly category: string;
  readonly tables: Tables;
  /** Its rows in the tables that it shares with other views. */
  readonly scopes?: { readonly [T in keyof Tables]?: RowScope };
  readonly initialState: State;
  /**
   * Its rows prove that something happened (that a key or a name was used). An event left out or
   * replaced would be a gap in the proof, so a parked entity can only be retried.
   */
  readonly isProof?: boolean;
  /** The upcasts of the entity: `project` sees current versions only. The service sets this. */
  readonly upcasts?: Upcasts;
  project(state: State, event: PublishedEvent<E>): Projected<State, Tables>;
}

/** A view of any state, events and tables, as the projector handles it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- generic over all views
export type AnyView = ViewDefinition<any, any, any>;

/** Keeps the literal types of a view while checking its shape. */
export function defineView<State, E extends DomainEvent, const Tables extends ViewTables>(
  view: ViewDefinition<State, E, Tables>,
): ViewDefinition<State, E, Tables> {
  return view;
}

/** A row by its columns, as it is stored. */
export type StoredRow = Readonly<Record<string, string | number | boolean | null>>;

/** Turns a row that a projection returned into the row that is stored. */
export function toStoredRow({ fields }: ViewTable, row: object): StoredRow {
  const values = row as Readonly<Record<string, StoredRow[string] | undefined>>;
  return Object.fromEntries(Object.entries(fields).map(([column, field]) => [column, values[field] ?? null]));
}

/** The name under which a version of a view keeps its progress, `account.accounts.v1`. */
export function viewKey({ category, name, version }: AnyView): string {
  return `${category}.${name}.v${version}`;
}

/**
 * The key of the view that a copy was made of, while the copy is filled or kept for a rollback; any
 * other view's own key.
 */
export function logicalKey(view: AnyView): string {
  return viewKey(view).replace(/~(next|previous)(?=\.v)/, '');
}
