import { createLiveEntities } from '#libs/entity/gateway/live-entities.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { StateProofDependencies } from '#libs/operations/proof/state-proof.dependencies.js';
import type { Engines } from './engines.js';
import type { Service } from './service.js';
import { viewsOf } from './views-of.js';

/** What a service compares its entities and views with. */
export function stateProofOf(
  service: Service,
  { client, pool, store, kafka }: Engines,
  logger: Logger,
): StateProofDependencies {
  const views = viewsOf(service).map(({ view }) => view);
  const categories = service.entities.map(({ contract: { name: category }, decider, present }) => {
    return { category, decider, present, views: views.filter((view) => view.category === category) };
  });
  return { categories, pool, store, kafka, live: createLiveEntities(client), logger };
}
