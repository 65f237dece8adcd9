import type { Overview } from '#contracts/overview.js';
import type { SearchAnswer } from '#contracts/search.js';
import { SERVICES } from '#contracts/services.js';
import type { AnyContracts, Contracts } from './contracts.js';
import type { EventOf, FeedItem, FeedOptions, ListOptions, Page } from './client.types.js';
import { type Asking, Connection, type ConnectionOptions } from './connection.js';
import { EntityClient } from './entity-client.js';
import { follow } from './follow.js';
import { WrittenRevisions } from './written-revisions.js';

/** What a client is made of. */
export interface ClientOptions extends ConnectionOptions {
  /** The collections of entities in URLs, by category. Default: those of all services. */
  readonly collections?: Readonly<Record<string, string>>;
  /**
   * Whether lists wait until they show what this client has executed, up to 2 s. Default: true.
   */
  readonly readsOwnWrites?: boolean;
}

/**
 * A client of Perdure, in a browser or in Node.js. `Known` are the contracts that its commands,
 * states and events are typed by. Every method throws {@link PerdureProblem}.
 */
export class PerdureClient<Known extends AnyContracts = Contracts> {
  private readonly connection: Connection;
  private readonly written = new WrittenRevisions();
  private readonly collections: Readonly<Record<string, string>>;

  constructor(private readonly options: ClientOptions) {
    this.connection = new Connection(options);
    this.collections = options.collections ?? collectionsOfServices();
  }

  /** One entity, saga or flow, whether it exists or not. Throws `RangeError` for a category. */
  entity<Category extends keyof Known & string>(
    category: Category,
    id: string,
  ): EntityClient<Known[Category]> {
    return new EntityClient(this.connection, this.written, this.collectionOf(category), id);
  }

  /** The events of all entities of a category, as they are written. */
  async *feed<Category extends keyof Known & string>(
    category: Category,
    options: FeedOptions = {},
  ): AsyncGenerator<FeedItem<EventOf<Known[Category]>>> {
    const path = `/v1/${this.collectionOf(category)}/events`;
    for await (const { id, data } of follow(this.connection, path, options)) {
      yield { feedId: id, event: JSON.parse(data) as EventOf<Known[Category]> };
    }
  }

  /** One page of a list, such as `/v1/carts`. */
  async page<Item>(path: string, { query, tokens, signal }: ListOptions = {}): Promise<Page<Item>> {
    const token = this.options.readsOwnWrites === false ? tokens?.join(',') : this.written.header(tokens);
    const headers = { 'consistency-token': token };
    const { body, headers: given } = await this.connection.json<Page<Item>>(path, {
      query: query ?? {},
      headers,
      signal,
    });
    const shown = given.get('consistency-token');
    return { ...body, ...(shown !== null && { token: shown }), staleBy: Number(given.get('stale-by') ?? 0) };
  }

  /** The pages of a list, one after another, from the one that `cursor` names. */
  async *pages<Item>(path: string, options: ListOptions = {}): AsyncGenerator<Page<Item>> {
    let { query } = options;
    for (;;) {
      const page = await this.page<Item>(path, { ...options, ...(query && { query }) });
      yield page;
      if (page.nextCursor === undefined) return;
      query = { ...query, cursor: page.nextCursor };
    }
  }

  /** The items of all pages of a list. */
  async *items<Item>(path: string, options: ListOptions = {}): AsyncGenerator<Item> {
    for await (const { data } of this.pages<Item>(path, options)) yield* data;
  }

  /** What has an id, or an id that begins so. */
  search(q: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<SearchAnswer> {
    return this.get<SearchAnswer>('/v1/search', { query: { q }, signal });
  }

  /** How all services are, and what needs a person. */
  overview({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Overview> {
    return this.get<Overview>('/v1/overview', { signal });
  }

  /** The JSON of any address. */
  async get<Body>(path: string, asking: Omit<Asking, 'method' | 'body'> = {}): Promise<Body> {
    return (await this.connection.json<Body>(path, asking)).body;
  }

  /** Posts JSON to any address, and resolves to the JSON of the answer. Not retried by default. */
  async post<Body>(path: string, body: object, asking: Omit<Asking, 'method' | 'body'> = {}): Promise<Body> {
    return (await this.connection.json<Body>(path, { ...asking, method: 'POST', body })).body;
  }

  /** The raw response, for content other than JSON. Rejects if its status is 300 or above. */
  request(path: string, asking: Asking = {}): Promise<Response> {
    return this.connection.request(path, asking);
  }

  private collectionOf(category: string): string {
    const collection = this.collections[category];
    if (collection === undefined) throw new RangeError(`nothing is known of the routes of ${category}`);
    return collection;
  }
}

/** Makes a client. The addresses and the types of all services are known to it. */
export function createPerdureClient<Known extends AnyContracts = Contracts>(
  options: ClientOptions,
): PerdureClient<Known> {
  return new PerdureClient<Known>(options);
}

function collectionsOfServices(): Readonly<Record<string, string>> {
  return Object.fromEntries(SERVICES.flatMap(({ collections }) => Object.entries<string>(collections)));
}
