import type { Pool } from 'pg';
import type { SearchHit } from '#contracts/search.js';
import type { Caller } from '#libs/identity/caller.js';

/** One search. */
export interface Searching {
  readonly q: string;
  readonly caller: Caller;
}

/**
 * Finds hits of one kind through an index, and only what the caller may read. An error makes the
 * answer incomplete.
 */
export type SearchSource = (pool: Pool, searching: Searching) => Promise<readonly SearchHit[]>;

/** The page of an entity in the console. */
export function entityLink(category: string, id: string): string {
  return `/entities/${category}/${encodeURIComponent(id)}`;
}

/** `card payment p1` */
export function entityTitle(category: string, id: string): string {
  return `${category.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${id}`;
}

/** Sources by name. */
export type SearchSources = Readonly<Record<string, SearchSource>>;
