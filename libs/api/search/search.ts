import type { Pool } from 'pg';
import type { SearchAnswer } from '#contracts/search.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { Logger } from '#libs/runtime/logger.js';
import { withinOrFail } from '#libs/runtime/within.js';
import { bestHits } from './best-hits.js';
import { chainHits } from './chain-hits.js';
import { commandHits } from './command-hits.js';
import { customerHits } from './customer-hits.js';
import { entityHits, type Searchable } from './entity-hits.js';
import type { Searching, SearchSources } from './search-source.js';

const PATIENCE_MILLISECONDS = 2_000;
const LATE = new Error('took too long');

/** What a service searches with. */
export interface SearchDependencies {
  readonly pool: Pool;
  readonly gateway: Pick<EntityGateway, 'state' | 'receipt'>;
  readonly entities: readonly Searchable[];
  /** Further sources of the service, by name. */
  readonly sources: SearchSources;
  readonly logger: Logger;
}

/**
 * Finds what has an id, or an id that begins so, among the entities of a service. A class, so that
 * Nest can inject it.
 */
export class Search {
  constructor(private readonly dependencies: SearchDependencies) {}

  /** The best hits. A source that fails or takes too long is named instead of answered for. */
  async find(searching: Searching): Promise<SearchAnswer> {
    const { gateway, entities, sources, logger } = this.dependencies;
    const all: SearchSources = {
      entities: (pool, asked) => entityHits(pool, gateway, entities, asked),
      commands: (pool, asked) => commandHits(pool, gateway, entities, asked),
      chains: (pool, asked) => chainHits(pool, gateway, entities, asked),
      customers: (pool, asked) => customerHits(pool, entities, asked),
      ...sources,
    };
    const answers = await Promise.all(
      Object.entries(all).map(async ([source, search]) => {
        try {
          return {
            hits: await withinOrFail(search(this.dependencies.pool, searching), PATIENCE_MILLISECONDS, LATE),
            missing: [],
          };
        } catch (error) {
          logger.warn({ err: error, detail: source }, 'a source of the search does not answer');
          return { hits: [], missing: [{ source, reason: 'does not answer' }] };
        }
      }),
    );
    return {
      data: bestHits(
        searching.q,
        answers.flatMap(({ hits }) => hits),
      ),
      missing: answers.flatMap(({ missing }) => missing),
    };
  }
}
