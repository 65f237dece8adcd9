import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import type { RowOf, ViewDefinition, ViewTables } from '#libs/core/view-definition.js';

/**
 * Folds events of an entity called `alice` with a view, as the projector would, each a minute after
 * the previous one.
 */
export function foldView<State, E extends DomainEvent, Tables extends ViewTables>(
  view: ViewDefinition<State, E, Tables>,
  events: readonly E[],
) {
  const rows = Object.fromEntries(
    Object.keys(view.tables).map((table) => [table, [] as unknown[]]),
  ) as unknown as {
    [T in keyof Tables]: RowOf<Tables[T]>[];
  };
  let state = view.initialState;
  for (const [revision, event] of events.entries()) {
    const projected = view.project(state, published(view.category, event, revision));
    state = projected.state;
    for (const table of Object.keys(view.tables) as (keyof Tables)[]) {
      rows[table].push(...(projected.rows[table] ?? []).map(withNulls));
    }
  }
  return { state, rows };
}

/** A value that is left out is stored as null. */
function withNulls<Row>(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row as object).map(([field, value]) => [field, value ?? null]),
  ) as Row;
}

function published<E extends DomainEvent>(category: string, event: E, revision: number): PublishedEvent<E> {
  return {
    ...event,
    id: `id-${revision}`,
    stream: streamName(category, 'alice'),
    category,
    tenant: 'default',
    entityId: 'alice',
    revision,
    position: String(revision),
    at: new Date(Date.UTC(2026, 0, 1, 0, revision)).toISOString(),
    schemaVersion: 1,
    actor: 'tester',
    commandId: `command-${revision}`,
    index: 0,
    count: 1,
    correlationId: 'correlation',
    causationId: 'causation',
  };
}
