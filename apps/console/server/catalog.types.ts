/** A JSON schema, or any other part of an OpenAPI document. */
export type Schema = Readonly<Record<string, unknown>>;

/** A query parameter of an operation. */
export interface CatalogParameter {
  readonly name: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** What a page has to know of an operation of the API to offer it. */
export interface CatalogOperation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As in the OpenAPI document: `/v1/accounts/{id}/place-hold`. */
  readonly path: string;
  readonly summary: string;
  /** Grants, of which one is enough. Absent for those that need no credential. */
  readonly allow?: readonly string[];
  /** Fields of the body that only some callers may name. */
  readonly allowFields?: Readonly<Record<string, readonly string[]>>;
  readonly query: readonly CatalogParameter[];
  readonly body?: Schema;
}

/** The operations of a service, and whether they are those of an earlier answer. */
export interface CatalogService {
  readonly name: string;
  /** The service does not answer. Its operations are those that it had, if it ever answered. */
  readonly isAway: boolean;
  /** What its collections hold, by tag. */
  readonly summaries: Readonly<Record<string, string>>;
  readonly operations: readonly CatalogOperation[];
}

/**
 * The operations of all services, without what answers look like: a tenth of the OpenAPI document.
 */
export interface Catalog {
  readonly services: readonly CatalogService[];
}
