import type { Pool } from 'pg';
import { z } from 'zod';
import type { ListedTable } from '#contracts/view-table.js';
import type { AnyView } from '#libs/core/view-definition.js';
import type { Condition } from '#libs/read-model/list-query.js';
import type { Page } from '#libs/read-model/page.js';
import { columnOf, findRows } from '#libs/read-model/row-query.js';

/** A request for a page of a list. */
export interface ReadRequest<Query> {
  /** The entity in the path; empty if the path names none. */
  readonly id: string;
  readonly query: Query;
  /** The maximum number of items. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly tenant: string;
}

/**
 * A list that shows a view. Its route, its validation and its part of the OpenAPI document are made
 * from this.
 */
export interface ReadRoute<Query extends z.ZodObject = z.ZodObject, Item = unknown> {
  /** For example `/v1/accounts/{id}/statement`. */
  readonly path: string;
  readonly summary: string;
  readonly operationId: string;
  /** Query parameters in addition to `limit` and `cursor`, which every list has. */
  readonly query: Query;
  /** Schema of an item of the page. */
  readonly item: z.ZodType;
  readonly view: AnyView;
  /** Views of other categories whose rows it also shows. */
  readonly otherViews?: readonly AnyView[];
  /** Finds a page of items. Throws `InvalidCursorError` for a cursor of another list. */
  find(pool: Pool, request: ReadRequest<z.output<Query>>): Promise<Page<Item>>;
}

interface ListDeclaration<
  Row extends object,
  S extends z.ZodRawShape,
  Filter extends keyof Row & keyof S & string,
  Query extends z.ZodRawShape,
> extends Pick<ReadRoute, 'path' | 'summary' | 'operationId' | 'view' | 'otherViews'> {
  readonly table: ListedTable<Row, S>;
  /** Fields to filter by. Each one becomes a query parameter and a condition of equality. */
  readonly filterBy?: readonly Filter[];
  /** Further query parameters, and their conditions. */
  readonly query?: Query;
  readonly where?: (query: z.output<z.ZodObject<Query>>, id: string) => readonly Condition[];
  /**
   * Fields that identify a row of the list. They also make up the cursor. Their columns must be of
   * type `id`, `bigint` or `timestamptz`.
   */
  readonly orderBy: readonly (keyof Row & string)[];
  readonly descending?: boolean;
}

/** Declares a list of a table's rows. */
export function defineList<
  Row extends object,
  S extends z.ZodRawShape,
  const Filter extends keyof Row & keyof S & string = never,
  Query extends z.ZodRawShape = z.ZodRawShape,
>({
  table,
  filterBy = [],
  query,
  where = () => [],
  orderBy,
  descending,
  ...route
}: ListDeclaration<Row, S, Filter, Query>): ReadRoute<z.ZodObject, z.output<ListedTable<Row, S>['item']>> {
  const shape = table.item.shape as unknown as Readonly<Record<string, z.ZodType>>;
  const filters = filterBy.map((field) => [field, shape[field]?.optional()]);
  return {
    ...route,
    query: z.strictObject({ ...(Object.fromEntries(filters) as z.ZodRawShape), ...query }),
    item: table.item,
    find: (pool, { id, query: asked, ...request }) => {
      const equal = filterBy.map((field) => {
        return [`found.${columnOf(table, field)} = ?`, asked[field] as string | undefined] as const;
      });
      const conditions = [...equal, ...where(asked as never, id)];
      const { toItem } = table;
      return findRows(pool, { ...request, table, where: conditions, orderBy, descending, toItem });
    },
  };
}

/** Declares a list that runs its own query. */
export function defineReadRoute<const Query extends z.ZodObject>(route: ReadRoute<Query>): ReadRoute {
  return route;
}
