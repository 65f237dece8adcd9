import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/decider/decider.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { ReadRoute } from '#libs/http/read-route.js';
import type { Logger } from '#libs/observability/logger.js';
import type { ViewRegistration } from '#libs/read-model/view-registration.js';

/** What makes the service of one entity; all else is the same for each of them. */
export interface EntityService {
  readonly contract: EntityContract;
  readonly decider: AnyDecider;
  /** Makes the contract's view of a state. */
  readonly present: (state: never) => object;
  /** Everything that the workflows may ask of the world. */
  readonly activities: (dependencies: { store: EventStore; logger: Logger }) => object;
  /** The file that the build made of the app's workflows. */
  readonly workflowBundle: URL;
  readonly views: readonly ViewRegistration[];
  /** The lists that show the views. */
  readonly reads: readonly ReadRoute[];
}
