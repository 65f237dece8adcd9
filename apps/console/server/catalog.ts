import type { Document } from '#libs/api/documents/openapi-schemas.js';
import { askService } from './ask-service.js';
import type { Catalog, CatalogOperation, CatalogParameter, CatalogService, Schema } from './catalog.types.js';
import type { Service } from './services.js';

/** How old the operations of a service may be before it is asked again. */
const MAX_AGE_MILLISECONDS = 30_000;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

interface Known {
  readonly at: number;
  readonly service: CatalogService;
}

/**
 * Reads what the pages can offer from the OpenAPI documents of the services. Remembers the latest
 * of each, so that the pages work while a service is away.
 */
export class CatalogReader {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly services: readonly Service[],
    private readonly maxAgeMilliseconds = MAX_AGE_MILLISECONDS,
  ) {}

  /** Waits only for services that have never answered. */
  async read(): Promise<Catalog> {
    return { services: await Promise.all(this.services.map((service) => this.latest(service))) };
  }

  private async latest(service: Service): Promise<CatalogService> {
    const known = this.known.get(service.name);
    if (known === undefined || known.service.operations.length === 0) return this.ask(service);
    if (known.at + this.maxAgeMilliseconds < Date.now()) void this.ask(service);
    return known.service;
  }

  private async ask(service: Service): Promise<CatalogService> {
    const answer = await askService(service, '/openapi.json');
    const before = this.known.get(service.name)?.service;
    const { name } = service;
    const now =
      answer?.status === 200
        ? { name, isAway: false, ...contentOf(answer.body) }
        : { ...(before ?? { name, summaries: {}, operations: [] }), isAway: true };
    this.known.set(name, { at: Date.now(), service: now });
    return now;
  }
}

function contentOf(document: Document): Pick<CatalogService, 'summaries' | 'operations'> {
  const { tags, paths, components } = document as {
    readonly tags?: readonly { readonly name: string; readonly description?: string }[];
    readonly paths: Record<string, Record<string, Document>>;
    readonly components?: { readonly schemas?: Record<string, Schema> };
  };
  const schemas = components?.schemas ?? {};
  return {
    summaries: Object.fromEntries((tags ?? []).map(({ name, description = '' }) => [name, description])),
    operations: Object.entries(paths).flatMap(([path, operations]) =>
      METHODS.flatMap((method) => {
        const operation = operations[method];
        return operation === undefined ? [] : [operationOf(method, path, operation, schemas)];
      }),
    ),
  };
}

function operationOf(
  method: CatalogOperation['method'],
  path: string,
  operation: Document,
  schemas: Readonly<Record<string, Schema>>,
): CatalogOperation {
  const allow = operation['x-allow'] as CatalogOperation['allow'];
  const allowFields = operation['x-allow-fields'] as CatalogOperation['allowFields'];
  const parameters = (operation['parameters'] ?? []) as (CatalogParameter & { readonly in: string })[];
  const { summary } = operation;
  // A dry run takes the body of its command.
  const body = path.endsWith('/dry-run') ? undefined : bodyOf(operation, schemas);
  return {
    method,
    path,
    summary: typeof summary === 'string' ? summary : '',
    query: parameters.flatMap(({ in: place, ...rest }) => (place === 'query' ? [rest] : [])),
    ...(allow && { allow }),
    ...(allowFields && { allowFields }),
    ...(body && { body }),
  };
}

/** The schema of a JSON body, which is one of the document, or stands in the operation. */
function bodyOf(operation: Document, schemas: Readonly<Record<string, Schema>>): Schema | undefined {
  const { content } = (operation['requestBody'] ?? {}) as {
    readonly content?: Record<string, { readonly schema?: Schema }>;
  };
  const schema = content?.['application/json']?.schema;
  const reference = schema?.['$ref'];
  if (typeof reference !== 'string') return schema;
  return schemas[reference.slice(reference.lastIndexOf('/') + 1)];
}
