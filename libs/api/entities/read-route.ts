import type { Pool } from 'pg';
import type { z } from 'zod';
import type { Page } from '#libs/read-model/page.js';
import type { AnyView } from '#libs/core/view-definition.js';

/** What a list is asked for. */
export interface ReadRequest<Query> {
  /** The entity in the path; empty where the path names none. */
  readonly id: string;
  readonly query: Query;
  /** At most this many items. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A list that shows a view. Its route, its checks and its place in OpenAPI are made from this. */
export interface ReadRoute<Query extends z.ZodObject = z.ZodObject> {
  /** `/v1/accounts/{id}/statement` */
  readonly path: string;
  readonly summary: string;
  readonly operationId: string;
  /** Query parameters beside `limit` and `cursor`, which every list has. */
  readonly query: Query;
  /** Schema of one item of the page. */
  readonly item: z.ZodType;
  readonly view: AnyView;
  /** A page of items. Throws `InvalidCursorError` for a cursor of another list. */
  find(pool: Pool, request: ReadRequest<z.output<Query>>): Promise<Page<unknown>>;
}

/** Keeps the query's type for `find` while checking the shape. */
export function defineReadRoute<const Query extends z.ZodObject>(route: ReadRoute<Query>): ReadRoute {
  return route;
}
