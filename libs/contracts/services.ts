interface ListedService {
  /** Also the name of its folder in `apps`. Lower-case letters only. */
  readonly name: string;
  /** The port it listens on by default. */
  readonly port: number;
  /** Its entities, sagas and flows, with their collections in URLs: `/v1/accounts`. */
  readonly collections: Readonly<Record<string, string>>;
  /** Lists that it serves outside of those collections, such as `/v1/best-sellers`. */
  readonly lists: readonly string[];
}

/**
 * All services. The dev stack, the front server, the operator's commands, the task queues and the
 * tests read this list. To add a service, add a line. `docker-compose.yml` cannot import the list,
 * so a unit test compares the two.
 */
export const SERVICES = [
  {
    name: 'account',
    port: 3001,
    collections: {
      account: 'accounts',
      transfer: 'transfers',
      cardPayment: 'flows/card-payment',
      cardOperation: 'flows/card-operation',
      interestRun: 'flows/interest-run',
    },
    // The flows, schedules, workers and audit of all services, and the API keys for all of them.
    lists: ['flows', 'schedules', 'workers', 'audit', 'api-keys'],
  },
  {
    name: 'cart',
    port: 3002,
    collections: {
      cart: 'carts',
      checkout: 'checkouts',
      cartReminder: 'flows/cart-reminder',
      fulfilment: 'flows/fulfilment',
    },
    lists: ['abandoned-carts'],
  },
  {
    name: 'inventory',
    port: 3003,
    collections: {
      inventory: 'inventory',
      price: 'prices',
      lowStockDigest: 'flows/low-stock-digest',
      stockImport: 'flows/stock-import',
    },
    lists: ['reservations', 'best-sellers', 'stock-imports'],
  },
  {
    name: 'desk',
    port: 3004,
    collections: { approval: 'approvals', approvalMail: 'flows/approval-mail', callback: 'callbacks' },
    // Routes of its own. At callback addresses, the flows of all services are called back.
    lists: ['approval-links', 'callback-addresses', 'inbox'],
  },
] as const satisfies readonly ListedService[];

type Listed = (typeof SERVICES)[number];
type KeyOf<Union> = Union extends unknown ? keyof Union : never;
/** The category of an entity, saga or flow. */
export type Category = KeyOf<Listed['collections']>;

/** The name of a service. */
export type ServiceName = Listed['name'];

/** The names of all services. */
export const SERVICE_NAMES: readonly ServiceName[] = SERVICES.map(({ name }) => name);

const COLLECTIONS = Object.fromEntries(
  SERVICES.flatMap(({ collections }) => Object.entries(collections)),
) as Readonly<Record<Category, string>>;

/** The collection of an entity, saga or flow in URLs, `accounts` for `account`. */
export function collectionOf(category: Category): string {
  return COLLECTIONS[category];
}

/** The types of flows of all services. */
export const FLOW_TYPES: readonly string[] = Object.entries<string>(COLLECTIONS)
  .filter(([, collection]) => collection.startsWith('flows/'))
  .map(([category]) => category);

/** The port on which a service listens by default. */
export function portOf(name: ServiceName): number {
  return perService('PORT', ({ port }) => port)[variableOf(name, 'PORT')];
}

/** The task queue for the entities of a category, which is that of their service. */
export function taskQueueOf(category: string): string {
  return SERVICES.find(({ collections }) => Object.hasOwn(collections, category))?.name ?? category;
}

/** The environment variable with a service's port or URL, such as `ACCOUNT_URL`. */
export function variableOf<Kind extends 'PORT' | 'URL'>(name: ServiceName, kind: Kind) {
  return `${name.toUpperCase() as Uppercase<ServiceName>}_${kind}` as const;
}

/** A value for each service, under the variable that holds its port or URL. */
export type PerService<Kind extends 'PORT' | 'URL', Value> = {
  readonly [Name in ServiceName as `${Uppercase<Name>}_${Kind}`]: Value;
};

/** Makes a value for each service, under the variable that holds its port or URL. */
export function perService<Kind extends 'PORT' | 'URL', Value>(
  kind: Kind,
  valueOf: (service: Listed) => Value,
): PerService<Kind, Value> {
  const entries = SERVICES.map((service) => [variableOf(service.name, kind), valueOf(service)] as const);
  return Object.fromEntries(entries) as PerService<Kind, Value>;
}
