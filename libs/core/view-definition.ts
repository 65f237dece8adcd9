import type { DomainEvent } from './decider.js';
import type { Upcasts } from './upcast.js';
import type { PublishedEvent } from './published-event.js';

/** PostgreSQL types a view's column may have; a question mark makes it nullable. */
interface ColumnValues {
  readonly text: string;
  readonly bigint: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly timestamptz: string;
}

export type ColumnType = keyof ColumnValues | `${keyof ColumnValues}?`;

/** A table of a view, as its migration makes it. `key` is the primary key. */
export interface ViewTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnType>>;
  /**
   * The column that says whose a row is: the id of its entity (with `tenant` beside it), or `stream`. The rows of a table that
   * does not say it are not compared with their streams.
   */
  readonly owner?: string;
  /** Columns that hold what the stream alone does not tell: they are not compared with it. */
  readonly unproven?: readonly string[];
  /**
   * Indexes that were added after its migration, each written as PostgreSQL prints it after `USING`:
   * `btree (tenant, status, id)`. They are built while the table is in use, so an index needs no new version of the view.
   */
  readonly indexes?: readonly string[];
}

/** Which rows of a table are a view's own, where several share it: by the value of a column, or how it begins. */
export interface RowScope {
  readonly column: string;
  readonly is: 'equal' | 'prefix';
  readonly value: string;
}

type ValueOf<C extends ColumnType> = C extends `${infer T extends keyof ColumnValues}?`
  ? ColumnValues[T] | null
  : C extends keyof ColumnValues
    ? ColumnValues[C]
    : never;

/** A row of a table: a value for each column. */
export type RowOf<T extends ViewTable> = { readonly [C in keyof T['columns']]: ValueOf<T['columns'][C]> };

export type ViewTables = Readonly<Record<string, ViewTable>>;

/** What an event does to a view: the entity's next state, and rows to insert or replace by their key. */
export interface Projected<State, Tables extends ViewTables> {
  readonly state: State;
  readonly rows: { readonly [T in keyof Tables]?: readonly RowOf<Tables[T]>[] };
}

/**
 * A view as pure parts. `project` folds the events of one entity, in order and each once, into a state of its own (plain
 * JSON, kept beside the rows) and the rows that change. An event it does not know leaves state and rows as they are; one
 * it throws for parks its entity in this view. It must not change the state it is given: what is stored is the difference.
 */
export interface ViewDefinition<
  State,
  E extends DomainEvent = DomainEvent,
  Tables extends ViewTables = ViewTables,
> {
  /** `accounts`: part of the consumer group's name. */
  readonly name: string;
  /** Raised whenever `project` or the tables change: a new version has tables of its own and is filled from the start. */
  readonly version: number;
  /** Whose events it is made of. */
  readonly category: string;
  readonly tables: Tables;
  /** Of the tables that it shares with other views. */
  readonly scopes?: { readonly [T in keyof Tables]?: RowScope };
  readonly initialState: State;
  /**
   * Its rows prove that something has happened (a key or a name was used): an event left out or replaced would be a hole in
   * the proof, so a parked entity can only be retried.
   */
  readonly isProof?: boolean;
  /** Of the entity whose events it folds: `project` sees current versions only. The service fills it in. */
  readonly upcasts?: Upcasts;
  project(state: State, event: PublishedEvent<E>): Projected<State, Tables>;
}

/** A view whose types no longer matter, as the projector handles it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the projector is generic over every view's own types
export type AnyView = ViewDefinition<any, any, any>;

/** Keeps the literal types of a view while checking its shape. */
export function defineView<State, E extends DomainEvent, const Tables extends ViewTables>(
  view: ViewDefinition<State, E, Tables>,
): ViewDefinition<State, E, Tables> {
  return view;
}

/** The name under which a version of a view keeps its progress, `account.accounts.v1`. */
export function viewKey({ category, name, version }: AnyView): string {
  return `${category}.${name}.v${version}`;
}

/** The key of the view that this is a copy of, while it is filled anew or kept to go back to; else its own. */
export function logicalKey(view: AnyView): string {
  return viewKey(view).replace(/~(next|previous)(?=\.v)/, '');
}
