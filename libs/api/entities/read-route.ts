import type { Pool } from 'pg';
import { z } from 'zod';
import type { Policy } from '#contracts/access.js';
import type { ListedTable } from '#contracts/view-table.js';
import type { Party } from '#libs/core/party.js';
import type { AnyView, ViewTable } from '#libs/core/view-definition.js';
import type { Condition } from '#libs/read-model/list-query.js';
import { namesOf, type OwnerField } from '#libs/read-model/owner-field.js';
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
  /** Whether the page may show rows of every tenant. */
  readonly isOfAllTenants?: boolean;
  /** The caller, if the page may show only what belongs to it. */
  readonly onlyFor?: Party | undefined;
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
  /** Who may read it. */
  readonly allow: Policy;
  /** Operators see the rows of every tenant. */
  readonly allTenants?: true | undefined;
  /** Query parameters in addition to `limit` and `cursor`, which every list has. */
  readonly query: Query;
  /** Schema of an item of the page. */
  readonly item: z.ZodType;
  readonly view: AnyView;
  /** Further views whose rows it shows or needs. */
  readonly otherViews?: readonly AnyView[];
  /** Where it is recorded whose the entities are that it shows. `allow` needs it for `owner`. */
  readonly ownedBy?: OwnerField;
  /** Finds a page of items. Throws `InvalidCursorError` for a cursor of another list. */
  find(pool: Pool, request: ReadRequest<z.output<Query>>): Promise<Page<Item>>;
}

/** A list that owners may read has to say whose its rows are. */
type Owned<P extends Policy> = 'owner' extends P[number] ? { readonly ownedBy: unknown } : unknown;

interface ListDeclaration<
  P extends Policy,
  Row extends object,
  S extends z.ZodRawShape,
  Filter extends keyof Row & keyof S & string,
  Query extends z.ZodRawShape,
> extends Pick<ReadRoute, 'path' | 'summary' | 'operationId' | 'view' | 'otherViews' | 'allTenants'> {
  /** Who may read it. */
  readonly allow: P;
  readonly table: ListedTable<Row, S>;
  /**
   * The field that names the owner of a row. If the list is about the entity in the path, this may
   * be a field of another table, which has a row for each entity.
   */
  readonly ownedBy?: (keyof Row & string) | OwnerField;
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
  const P extends Policy,
  Row extends object,
  S extends z.ZodRawShape,
  const Filter extends keyof Row & keyof S & string = never,
  Query extends z.ZodRawShape = z.ZodRawShape,
>(
  list: ListDeclaration<P, Row, S, Filter, Query> & Owned<P>,
): ReadRoute<z.ZodObject, z.output<ListedTable<Row, S>['item']>> {
  const declared: ListDeclaration<P, Row, S, Filter, Query> = list;
  const { table, ownedBy: owner, filterBy = [], query, where = () => [], ...more } = declared;
  const { orderBy, descending, ...route } = more;
  const shape = table.item.shape as unknown as Readonly<Record<string, z.ZodType>>;
  const filters = filterBy.map((field) => [field, shape[field]?.optional()]);
  const ownedBy = typeof owner === 'string' ? { table, field: owner } : owner;
  return {
    ...route,
    ...(ownedBy && { ownedBy }),
    query: z.strictObject({ ...(Object.fromEntries(filters) as z.ZodRawShape), ...query }),
    item: table.item,
    find: (pool, { id, query: asked, isOfAllTenants, ...request }) => {
      const equal = filterBy.map((field) => {
        return [`found.${columnOf(table, field)} = ?`, asked[field] as string | undefined] as const;
      });
      const own = ownedBy ? [isOwn(ownedBy, table, { id, ...request })] : [];
      const conditions = [...own, ...equal, ...where(asked as never, id)];
      const { toItem } = table;
      const tenant = isOfAllTenants ? undefined : request.tenant;
      return findRows(pool, { ...request, tenant, table, where: conditions, orderBy, descending, toItem });
    },
  };
}

/** Whether a row, or else the entity in the path, belongs to the caller that asks. */
function isOwn(
  owner: OwnerField,
  listed: ViewTable,
  { id, tenant, onlyFor }: Omit<ReadRequest<unknown>, 'query'>,
): Condition {
  const { table, field, names } = owner;
  const column = columnOf(table, field);
  if (names === 'parties') {
    const own = `own.tenant = found.tenant AND own.${table.owner} = found.${listed.owner}`;
    const among = `SELECT FROM read_model.${table.name} own WHERE ${own} AND own.${column} = ANY (?)`;
    return [`EXISTS (${among})`, onlyFor && namesOf(owner, onlyFor)];
  }
  if (table === listed) return [`found.${column} = ?`, onlyFor?.id];
  // The database looks it up once, before it reads any row.
  const lookUp = `SELECT ${column} FROM read_model.${table.name} WHERE tenant = ? AND ${table.owner} = ?`;
  return [`(${lookUp}) = ?`, tenant, id, onlyFor?.id];
}

/** Declares a list that runs its own query. */
export function defineReadRoute<const P extends Policy, const Query extends z.ZodObject>(
  route: ReadRoute<Query> & { readonly allow: P } & Owned<P>,
): ReadRoute {
  return route;
}
