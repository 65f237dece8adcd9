import type { Pool } from 'pg';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { type AnyView, toStoredRow, viewKey, type ViewTable } from '#libs/core/view-definition.js';
import { keptViewsOf } from '#libs/service/hosted-entity.js';
import { type EventFact, groupBy, type RowFact, type StateFact, type ViewLook } from '../checkers/facts.js';
import { deciders, services } from './hosted.js';

const views: readonly AnyView[] = services.flatMap(({ entities }) => entities.flatMap(keptViewsOf));
const tables = new Map(views.flatMap(tablesOf).map((table) => [table.name, table]));

/** The state folded from each stream. */
export function foldsOf(events: readonly EventFact[]): StateFact[] {
  return [...groupBy(events, ({ stream }) => stream)].map(([stream, own]) => {
    const decider = deciders[parseStreamName(stream)?.category ?? ''];
    if (!decider) throw new TypeError(`no decider folds ${stream}`);
    const evolve = (state: unknown, { type, data }: EventFact): unknown =>
      decider.evolve(state, { type, data }) as unknown;
    return { stream, revision: own.length - 1, state: own.reduce(evolve, decider.initialState as unknown) };
  });
}

/** An event as read from the store, and as views receive it. */
export type StreamFact = EventFact & { readonly position: string; readonly published: PublishedEvent };

/** All events of these entities. */
export async function streamFacts(
  store: EventStore,
  of: readonly { readonly stream: string }[],
): Promise<StreamFact[]> {
  const facts: StreamFact[] = [];
  for (const { stream } of of) {
    for await (const event of store.read(stream)) {
      const { metadata, ...rest } = event;
      facts.push({ ...rest, ...metadata, published: toPublishedEvent(event) });
    }
  }
  return facts;
}

/** All rows that result from the events. */
export function expectedRows(events: readonly StreamFact[]): RowFact[] {
  const rows = new Map<string, RowFact>();
  for (const [stream, own] of groupBy(events, (event) => event.stream)) {
    const published = own.map((event) => event.published);
    for (const fact of viewsOfStream(stream).flatMap((view) => rowsOf(view, published))) {
      rows.set(`${fact.table} ${fact.key}`, fact);
    }
  }
  return [...rows.values()];
}

function rowsOf(view: AnyView, events: readonly PublishedEvent[]): RowFact[] {
  const facts: RowFact[] = [];
  let state: unknown = view.initialState;
  for (const event of events) {
    const projected = view.project(state, event);
    state = projected.state;
    for (const [name, rows] of Object.entries(projected.rows)) {
      const table = (view.tables as Record<string, ViewTable>)[name];
      if (table) facts.push(...(rows as object[]).map((row) => factOf(table, toStoredRow(table, row))));
    }
  }
  return facts;
}

type Row = Readonly<Record<string, unknown>>;

/** Every row of every view, read with SQL. */
export async function foundRows(pool: Pool): Promise<RowFact[]> {
  const found: RowFact[] = [];
  for (const table of tables.values()) {
    const { rows } = await pool.query<Row>(`SELECT * FROM read_model.${table.name}`);
    found.push(...rows.map((row) => factOf(table, row)));
  }
  return found;
}

/** The current revision of every entity in every view. */
export async function viewLooks(pool: Pool): Promise<ViewLook[]> {
  const { rows } = await pool.query<ViewLook>(
    'SELECT view, stream, revision::int AS revision FROM read_model.entities',
  );
  return rows;
}

/** The streams whose end some view has not reached. */
export function behind(looks: readonly ViewLook[], folds: readonly StateFact[]): string[] {
  const reached = new Map(looks.map(({ view, stream, revision }) => [`${view} ${stream}`, revision]));
  return folds.flatMap(({ stream, revision }) =>
    viewKeysOf(stream)
      .filter((view) => reached.get(`${view} ${stream}`) !== revision)
      .map((view) => `${stream} in ${view}`),
  );
}

/** The views that fold a stream. */
function viewKeysOf(stream: string): string[] {
  return viewsOfStream(stream).map(viewKey);
}

function viewsOfStream(stream: string): readonly AnyView[] {
  return views.filter(({ category }) => stream.startsWith(`${category}-`));
}

function tablesOf(view: AnyView): ViewTable[] {
  return Object.values(view.tables as Record<string, ViewTable>);
}

/** The part of a row that results from the stream alone. */
function factOf({ name, key, columns, unproven = [] }: ViewTable, row: Row): RowFact {
  const shown = Object.entries(columns).filter(([column]) => !unproven.includes(column));
  const values = Object.fromEntries(shown.map(([column, type]) => [column, valueOf(type, row[column])]));
  return { table: name, key: key.map((column) => String(values[column])).join(' '), row: values };
}

function valueOf(type: string, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type.startsWith('bigint') || type.startsWith('integer')) return Number(value);
  return type.startsWith('timestamptz') ? new Date(value as string).toISOString() : value;
}
