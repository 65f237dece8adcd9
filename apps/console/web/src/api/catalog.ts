import { useQuery } from '@tanstack/react-query';
import { SERVICES } from '#contracts/services.js';
import type { Catalog, CatalogOperation, CatalogService } from '../../../server/catalog.types.js';
import { perdure } from './client.js';
import type { Session } from './session.js';

/** What a category is, which decides how its pages look. */
export type Kind = 'entity' | 'saga' | 'flow';

/** A command that a page can send. */
export interface CommandEntry extends CatalogOperation {
  /** The last part of its route: `place-hold`. */
  readonly name: string;
  /** In words: `Place hold`. */
  readonly title: string;
  readonly creates: boolean;
  /** Whether the service can say what it would do. */
  readonly hasDryRun: boolean;
}

/** A category of entities, with all that the API offers for it. */
export interface Category {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly kind: Kind;
  readonly service: string;
  readonly isAway: boolean;
  /** `/v1/accounts` */
  readonly base: string;
  readonly list?: CatalogOperation;
  readonly commands: readonly CommandEntry[];
  readonly read?: CatalogOperation;
  /** Lists of one entity, such as the statement of an account. */
  readonly parts: readonly CatalogOperation[];
  /** What else the API can answer about one of them. */
  readonly can: { readonly why: boolean; readonly diff: boolean; readonly timeline: boolean };
}

/** What the console can offer. */
export interface Console {
  readonly categories: readonly Category[];
  /** Lists that belong to no category: `/v1/best-sellers`. */
  readonly lists: readonly CatalogOperation[];
  readonly operations: readonly CatalogOperation[];
  readonly services: readonly CatalogService[];
}

/** Reads it from the front server, which keeps it while a service is away. */
export function useConsole() {
  return useQuery({
    queryKey: ['catalog'],
    queryFn: async ({ signal }) => consoleOf(await perdure.get<Catalog>('/console/catalog', { signal })),
    staleTime: 30_000,
    refetchInterval: 30_000,
  });
}

/**
 * Whether a policy lets somebody in, as far as roles say. What is theirs, only the service knows.
 */
export function mayUse(
  allow: readonly string[] | undefined,
  { name, roles }: Pick<Session, 'name' | 'roles'>,
): boolean {
  // Without a token nothing is known: where access control is off, everything is allowed.
  if (!allow || name === undefined) return true;
  return allow.some(
    (grant) => grant === 'anyone' || grant === 'owner' || roles.includes(grant.slice('role:'.length)),
  );
}

/** `place-hold` and `cardPayment` in words. */
export function inWords(name: string): string {
  const words = name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .replaceAll('-', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Arranges the operations of all services by category. */
export function consoleOf({ services }: Catalog): Console {
  const operations = services.flatMap((service) => service.operations);
  const categories = SERVICES.flatMap((listed) => {
    const service = services.find(({ name }) => name === listed.name);
    return Object.entries<string>(listed.collections).map(([name, collection]) =>
      categoryOf(name, collection, listed.name, service),
    );
  });
  const lists = SERVICES.flatMap(({ lists }) => lists.map((list) => `/v1/${list}`));
  return {
    categories,
    services,
    operations,
    lists: operations.filter(({ method, path }) => method === 'get' && lists.includes(path as never)),
  };
}

function categoryOf(
  name: string,
  collection: string,
  service: string,
  known: CatalogService | undefined,
): Category {
  const base = `/v1/${collection}`;
  const operations = (known?.operations ?? []).filter(
    ({ path }) => path === base || path.startsWith(`${base}/`),
  );
  const gets = operations.filter(({ method }) => method === 'get');
  const at = (path: string) => gets.find((one) => one.path === path);
  const [list, read] = [at(base), at(`${base}/{id}`)];
  const commands = commandsOf(base, operations);
  const part = new RegExp(`^${base}/\\{id\\}/(?!events$|diff$|why$)[^/]+$`);
  const isSaga = commands.some((command) => command.name === 'retry-step');
  return {
    name,
    title: inWords(collection.replace(/^flows\//, '')),
    summary: known?.summaries[collection] ?? '',
    kind: collection.startsWith('flows/') ? 'flow' : isSaga ? 'saga' : 'entity',
    service,
    isAway: known?.isAway ?? true,
    base,
    ...(list && { list }),
    ...(read && { read }),
    commands,
    parts: gets.filter(({ path }) => part.test(path)),
    can: {
      why: at(`${base}/{id}/why`) !== undefined,
      diff: at(`${base}/{id}/diff`) !== undefined,
      timeline: (known?.operations ?? []).some(({ path }) => path.startsWith('/v1/timeline/')),
    },
  };
}

function commandsOf(base: string, operations: readonly CatalogOperation[]): readonly CommandEntry[] {
  const posts = operations.filter(({ method }) => method === 'post');
  const creating = posts.find(({ path }) => path === base)?.body;
  return posts.flatMap((operation) => {
    const name = operation.path.slice(`${base}/{id}/`.length);
    if (!operation.path.startsWith(`${base}/{id}/`) || name.includes('/')) return [];
    return {
      ...operation,
      name,
      title: inWords(name),
      creates: creating !== undefined && JSON.stringify(creating) === JSON.stringify(operation.body),
      hasDryRun: posts.some(({ path }) => path === `${operation.path}/dry-run`),
    };
  });
}
