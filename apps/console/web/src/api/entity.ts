import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Category } from './catalog.js';
import { perdure } from './client.js';

/** The live state of an entity: `id`, `revision`, and what its contract says. */
export interface EntityState {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly revision: number;
  readonly hash?: string;
}

/** An event as the API shows it. */
export interface EntityEvent {
  readonly id: string;
  readonly entityId: string;
  readonly type: string;
  readonly revision: number;
  readonly hash?: string;
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly commandId: string;
  readonly actor?: string;
  readonly onBehalfOf?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
}

/** A row of a list. */
export type Row = Readonly<Record<string, unknown>>;

/** How many events are read at a time. */
export const EVENTS_PER_PAGE = 200;

/** The address of an entity in the API. */
export function addressOf({ base }: Pick<Category, 'base'>, id: string): string {
  return `${base}/${encodeURIComponent(id)}`;
}

/** The name of an entity's stream and of its workflow in Temporal. */
export function streamOf({ name }: Pick<Category, 'name'>, id: string, tenant = 'default'): string {
  return `${name}-${tenant}.${id}`;
}

/** The live state. */
export function useEntity(category: Category | undefined, id: string) {
  return useQuery({
    queryKey: ['entity', category?.name, id],
    enabled: category !== undefined,
    queryFn: ({ signal }) => perdure.get<EntityState>(addressOf(category as Category, id), { signal }),
  });
}

/** The events `[page × 200, page × 200 + 200)` of an entity. A full page never changes. */
export function useEventsPage(category: Category, id: string, page: number, isFull: boolean) {
  return useQuery({
    queryKey: ['events', category.name, id, page],
    queryFn: ({ signal }) => readEvents(category, id, page * EVENTS_PER_PAGE - 1, signal),
    staleTime: isFull ? Infinity : 0,
  });
}

async function readEvents(category: Category, id: string, after: number, signal: AbortSignal) {
  const query = { limit: EVENTS_PER_PAGE, after: after >= 0 ? after : undefined };
  const { data } = await perdure.page<EntityEvent>(`${addressOf(category, id)}/events`, { query, signal });
  return data;
}

/** How many events are read for a diagram of all. */
const MOST_EVENTS = 1_000;

/** The events of an entity from the first on, as many as a diagram can show. */
export function useAllEvents(category: Category, id: string, revision: number | undefined) {
  return useQuery({
    queryKey: ['all-events', category.name, id, revision],
    enabled: revision !== undefined,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const events: EntityEvent[] = [];
      while (events.length <= Math.min(Number(revision), MOST_EVENTS - 1)) {
        const page = await readEvents(category, id, events.length - 1, signal);
        if (page.length === 0) break;
        events.push(...page);
      }
      return events;
    },
  });
}

/** A page of a list, filtered as the address of the console says. It shows what was sent here. */
export function useList(path: string | undefined, filters: Readonly<Record<string, string>>) {
  return useQuery({
    queryKey: ['list', path, filters],
    enabled: path !== undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => perdure.page<Row>(String(path), { query: filters, signal }),
  });
}
