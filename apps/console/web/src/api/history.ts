import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Category } from './catalog.js';
import { perdure } from './client.js';
import { addressOf, type EntityState } from './entity.js';

/** A field that two states of an entity do not share. */
export interface Change {
  /** A JSON pointer. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** What differs between two revisions. */
export interface Diff {
  readonly from: { readonly revision: number; readonly at?: string };
  readonly to: { readonly revision: number; readonly at?: string };
  readonly changes: readonly Change[];
}

/** Which event gave a field its value. */
export interface Reason {
  readonly path: string;
  readonly value: unknown;
  readonly revision: number;
  /** The type of the event. */
  readonly event: string;
  readonly at: string;
  readonly commandId: string;
  readonly actor?: string;
  readonly onBehalfOf?: string;
  readonly correlationId?: string;
  readonly traceId?: string;
}

/** The reasons for all fields at a revision. */
export interface Why {
  readonly revision: number;
  readonly at: string;
  readonly fields: readonly Reason[];
  /** How many more fields there are. */
  readonly omitted?: number;
}

/** What an entity was at a revision, and how it came to be so. The past never changes. */
function usePast<T>(category: Category, id: string, what: string, query: Readonly<Record<string, number>>) {
  return useQuery({
    queryKey: ['past', category.name, id, what, query],
    queryFn: ({ signal }) => perdure.get<T>(`${addressOf(category, id)}${what}`, { query, signal }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

/** The state after an event. */
export function useStateAt(category: Category, id: string, revision: number) {
  return usePast<EntityState>(category, id, '', { revision });
}

/** What the event of a revision changed. */
export function useDiff(category: Category, id: string, revision: number) {
  return usePast<Diff>(category, id, '/diff', { from: revision - 1, to: revision });
}

/** Why each field has its value. */
export function useWhy(category: Category, id: string, revision: number) {
  return usePast<Why>(category, id, '/why', { revision });
}
